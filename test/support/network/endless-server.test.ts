import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EndlessBatch } from './endless-batches.ts';
import { EndlessServer } from './endless-server.ts';
import type { Address } from './loopback-server.ts';
import { frontend } from './protocol-messages.ts';
import { errorOf, firstColumn, lettersOf, RawClient, statement } from './raw-client.ts';

const NONCE = 'the nonce of this batch';
const BATCH = [
  statement('select set_config($2, $3, true), $1', [NONCE, 'role', 'authenticated']),
  statement('select $1', ['x', NONCE]),
  frontend.sync(),
];

let server: EndlessServer;
let address: Address;
const clients: RawClient[] = [];

beforeEach(async () => {
  server = new EndlessServer();
  address = await server.start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server.stop();
});

async function logIn(): Promise<RawClient> {
  const client = await RawClient.logIn(address, { user: 'anyone', database: 'any' });
  clients.push(client);
  return client;
}

async function answerTo(
  batch: EndlessBatch,
): Promise<{ client: RawClient; letters: string; values: (string | null)[] }> {
  server.behave({ batch });
  const client = await logIn();
  const messages = await client.ask(...BATCH);
  return { client, letters: lettersOf(messages), values: firstColumn(messages) };
}

describe('batches', () => {
  it('answers well when nothing is asked of it, with the nonce in its two places', async () => {
    const { letters, values } = await answerTo('well-formed');
    expect(letters).toBe('12TDC12TDCZ');
    expect(values).toEqual([NONCE, `["${NONCE}", 1, [["a row"]], "${NONCE}"]`]);
  });

  it('answers good batches first when told so', async () => {
    server.behave({ batch: 'fatal-then-close', goodBatches: 1 });
    const client = await logIn();
    expect(lettersOf(await client.ask(...BATCH))).toBe('12TDC12TDCZ');
    expect(errorOf(await client.ask(...BATCH))).toMatch(/^57P01/);
  });

  it.each(['endless-rows', 'endless-notices', 'endless-value'] as const)(
    'pours %s until the client hangs up',
    async (batch) => {
      server.behave({ batch });
      const client = await logIn();
      client.send(...BATCH);
      await expect.poll(() => server.bytesSent).toBeGreaterThan(1_000_000);
      client.close();
      await expect.poll(() => server.openConnections).toBe(0);
    },
  );

  it.each([
    ['no-rows-before-complete', '12TDC12TCZ'],
    ['rows-without-description', '12DC12DCZ'],
    ['missing-statement-reply', '12TDCZ'],
    ['extra-statement-reply', '12TDC12TDC12TDCZ'],
    ['ready-first', 'Z'],
    ['no-nonce', '12TC12TDCZ'],
    ['two-nonce-rows', '12TDDC12TDCZ'],
    ['fatal-after-complete', '12TDC12TDCE'],
    ['authentication-again', 'R12TDC12TDCZ'],
    ['copy-out', '12TDC12THdcCZ'],
    ['close-without-a-word', ''],
  ] as const)('%s: the messages are %s', async (batch, expected) => {
    expect((await answerTo(batch)).letters).toBe(expected);
  });

  it.each([
    ['wrong-nonce', 0, 'the nonce of somebody else'],
    ['null-nonce', 0, null],
    ['wrong-order', 1, NONCE],
    ['document-not-json', 1, '[not json'],
    ['document-with-wrong-nonce', 1, '["the nonce of somebody else", 1, [["a row"]]]'],
  ] as const)('%s: value %i is %s, all else is right', async (batch, at, value) => {
    const { letters, values } = await answerTo(batch);
    expect(letters).toBe('12TDC12TDCZ');
    expect(values[at]).toBe(value);
  });

  it.each(['huge-length', 'negative-length', 'garbage-bytes'] as const)(
    '%s: the client cannot go on reading',
    async (batch) => {
      const { client } = await answerTo(batch);
      expect(client.malformed).toBe(true);
    },
  );

  it.each([
    'reply-while-idle',
    'row-while-idle',
    'error-while-idle',
    'parameters-while-idle',
    'two-ready',
  ] as const)('%s: more comes after a right answer', async (batch) => {
    const { client, letters } = await answerTo(batch);
    expect(letters).toBe('12TDC12TDCZ');
    expect(await client.next()).toBeDefined();
  });
});

describe('logins', () => {
  it.each([
    ['hang-up', 'hung up'],
    ['garbage', 'hung up'],
    ['huge-length', 'hung up'],
    ['negative-length', 'hung up'],
    ['unknown-authentication', 'authentication 99'],
    ['sasl-without-mechanisms', 'authentication 10'],
    ['sasl-garbage', 'SCRAM message without the attribute'],
    ['sasl-final-first', 'could not prove'],
    ['error-without-fields', 'undefined: undefined'],
    ['fatal', '57P03: the database system is starting up'],
    ['key-without-body', 'outside buffer bounds'],
  ] as const)('%s: a client that logs in meets "%s"', async (login, words) => {
    server.behave({ login });
    await expect(logIn()).rejects.toThrow(words);
  });

  it.each([
    ['ready-before-authentication', 'Z'],
    ['rows-before-ready', 'RTDCZ'],
  ] as const)('%s: the messages are %s', async (login, letters) => {
    server.behave({ login });
    const client = await RawClient.open(address);
    clients.push(client);
    expect(lettersOf(await client.ask(frontend.startup({ user: 'anyone', database: 'any' })))).toBe(letters);
  });

  it('never-ready: authenticates and says no more', async () => {
    server.behave({ login: 'never-ready' });
    const client = await RawClient.open(address);
    clients.push(client);
    client.send(frontend.startup({ user: 'anyone', database: 'any' }));
    expect((await client.next())?.code).toBe('R');
    expect(client.unread()).toEqual([]);
  });

  it('endless-parameters: they do not end before the client hangs up', async () => {
    server.behave({ login: 'endless-parameters' });
    const client = await RawClient.open(address);
    client.send(frontend.startup({ user: 'anyone', database: 'any' }));
    for (let i = 0; i < 10_000; i++) expect((await client.next())?.code).toBe(i === 0 ? 'R' : 'S');
    client.close();
    await expect.poll(() => server.openConnections).toBe(0);
  });
});
