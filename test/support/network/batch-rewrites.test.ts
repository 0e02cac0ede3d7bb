import { afterEach, expect, it } from 'vitest';
import { dropSetUp, failSetUp, hollowSetUp, swapSetUp } from './batch-rewrites.ts';
import { stepsOf } from './batch-steps.ts';
import { HostilePooler } from './hostile-pooler.ts';
import { MessageReader, readParse, type TypedMessage } from './message-reader.ts';
import type { BatchHook } from './pooler-hook.ts';
import { frontend } from './protocol-messages.ts';
import { lettersOf, RawClient, statement } from './raw-client.ts';
import { ScriptedServer } from './scripted-server.ts';

const CONTEXT = { user: 'ann', database: 'db', clientId: 1, batch: 0 };
const SET_UP =
  "select pg_catalog.concat(pg_catalog.set_config('role', $2, true), set_config('x', $3, true)), $1::text";

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function batchOf(subject: string, lead: readonly Buffer[] = []): TypedMessage[] {
  return new MessageReader().push(
    Buffer.concat([
      ...lead,
      statement(SET_UP, [`nonce of ${subject}`, 'authenticated', subject]),
      statement('select * from trips'),
      frontend.sync(),
    ]),
  );
}

/** Text and values of each statement that the server gets. */
function ran(hook: BatchHook, batch: readonly TypedMessage[]) {
  const messages = hook(batch, CONTEXT);
  expect(messages.at(-1)?.code).toBe('S');
  return stepsOf(messages).steps.map(({ sql, values }) => [sql, ...values]);
}

it('makes the set-up fail on the server', () => {
  expect(ran(failSetUp(), batchOf('ann'))).toEqual([['select 1/0'], ['select * from trips']]);
});

it('drops the set-up, also behind a statement that leads it', () => {
  expect(ran(dropSetUp(), batchOf('ann'))).toEqual([['select * from trips']]);
  expect(ran(dropSetUp(), batchOf('ann', [statement('set transaction read write')]))).toEqual([
    ['set transaction read write'],
    ['select * from trips'],
  ]);
});

it('hollows the set-up: it answers the nonce and sets nothing', () => {
  const hollow =
    "select pg_catalog.concat(pg_catalog.left(pg_catalog.concat('role', $2, true), 0), pg_catalog.left(pg_catalog.concat('x', $3, true), 0)), $1::text";
  expect(ran(hollowSetUp(), batchOf('ann'))).toEqual([
    [hollow, 'nonce of ann', 'authenticated', 'ann'],
    ['select * from trips'],
  ]);
  const parse = hollowSetUp()(batchOf('ann'), CONTEXT).find(({ code }) => code === 'P');
  expect(readParse(parse!.body).types).toEqual([25, 25, 25]);
});

it('swaps the set-up for that of another batch once there was one', () => {
  const hook = swapSetUp();
  expect(ran(hook, batchOf('ann'))[0]).toEqual([SET_UP, 'nonce of ann', 'authenticated', 'ann']);
  expect(hook.swapped()).toBe(0);
  expect(ran(hook, batchOf('bob'))[0]).toEqual([SET_UP, 'nonce of ann', 'authenticated', 'ann']);
  expect(hook.swapped()).toBe(1);
});

it('leaves a batch without a set-up alone', () => {
  const messages = new MessageReader().push(Buffer.concat([statement('select 1'), frontend.sync()]));
  for (const hook of [failSetUp(), dropSetUp(), hollowSetUp(), swapSetUp()]) {
    expect(lettersOf(hook(messages, CONTEXT))).toBe('PBDES');
  }
});

it('reaches the server through the pooler, batch by batch however they were written', async () => {
  const server = new ScriptedServer({ password: 'secret' });
  cleanUps.push(() => server.stop());
  const seen: number[] = [];
  const drop = dropSetUp();
  const pooler = new HostilePooler({
    upstream: await server.start(),
    logins: { ann: 'secret' },
    onBatch: (messages, context) => {
      seen.push(context.batch);
      return drop(messages, context);
    },
  });
  cleanUps.push(() => pooler.stop());
  const client = await RawClient.logIn(await pooler.start(), {
    user: 'ann',
    database: 'db',
    password: 'secret',
  });
  cleanUps.push(() => client.close());
  const bytes = Buffer.concat(batchOf('ann').map((sent) => sent.bytes));
  client.send(bytes.subarray(0, 30));
  await client.ask(bytes.subarray(30));
  pooler.setHook(undefined);
  await client.ask(bytes);
  expect(server.ran.map(({ sql }) => sql)).toEqual(['select * from trips', SET_UP, 'select * from trips']);
  expect(seen).toEqual([0]);
});
