import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallLimits, ConnectionMode } from '../../src/contract/mode.ts';
import { ANNA, statement, textRows, userActor } from '../modes/plans.ts';
import { ENDLESS_BATCHES, type EndlessBatch } from '../support/network/endless-batches.ts';
import { ENDLESS_LOGINS, type EndlessLogin } from '../support/network/endless-logins.ts';
import { EndlessServer } from '../support/network/endless-server.ts';
import { openMode } from './open-mode.ts';
import { refusal, settle } from './settle.ts';
import { nothingMayCrash } from './uncaught.ts';

const BATCHES = Object.keys(ENDLESS_BATCHES) as EndlessBatch[];
const LOGINS = Object.keys(ENDLESS_LOGINS) as EndlessLogin[];
const CALL_MS = 250;
/** What a pool, a parser and the buffers of a loopback socket hold of a flood before it is turned off. */
const FLOOD_BYTES = 64 << 20;

/** The answer is complete and right; what is wrong comes after it, and costs the connection, not the caller. */
const RIGHT_AND_MORE: readonly EndlessBatch[] = [
  'two-ready',
  'parameters-while-idle',
  'reply-while-idle',
  'row-while-idle',
  'error-while-idle',
];

/** Wrong only for a reader who asked for something else. */
const RIGHT_FOR: Readonly<Record<'direct' | 'transaction', readonly EndlessBatch[]>> = {
  // Rows are read by their position, and no description is asked for.
  transaction: [...RIGHT_AND_MORE, 'well-formed', 'rows-without-description'],
  // A typed row is no document. The length of a value within a row is the parser's matter.
  direct: [
    ...RIGHT_AND_MORE,
    'well-formed',
    'document-not-json',
    'document-of-wrong-shape',
    'document-with-wrong-nonce',
    'negative-value-length',
    'value-past-the-end',
  ],
};

/** What a caller is told: the code of each refusal by which a program can decide. */
const CODES: Partial<Record<EndlessBatch, readonly string[]>> = {
  silent: ['TIMEOUT'],
  'garbage-bytes': ['TIMEOUT', 'REPLY_MISMATCH'],
  'huge-length': ['TIMEOUT'],
  'negative-length': ['TIMEOUT'],
  'endless-rows': ['RESULT_TOO_LARGE', 'REPLY_MISMATCH'],
  'endless-value': ['RESULT_TOO_LARGE'],
  'endless-notices': ['RESULT_TOO_LARGE'],
  'fatal-then-close': ['CONNECTION_LOST'],
  'fatal-after-complete': ['CONNECTION_LOST'],
  'close-without-a-word': ['CONNECTION_LOST'],
};

describe.each(['transaction', 'direct'] as const)('a server gone mad, in %s mode', (name) => {
  nothingMayCrash();
  let server: EndlessServer;
  let mode: ConnectionMode;

  beforeEach(async () => {
    server = new EndlessServer();
    const { port } = await server.start();
    mode = openMode(name, `postgres://user:password@127.0.0.1:${port}/database`, { connectTimeoutMs: 200 });
  });

  afterEach(async () => {
    await mode.close(100);
    await expect.poll(() => server.openConnections).toBe(0);
    await server.stop();
  });

  const ask = (limits: CallLimits, access: 'read' | 'write') =>
    mode.run(
      {
        actor: userActor(ANNA),
        access,
        statements: [statement(`select 'a row'`, { columns: 1, intent: access })],
        statementTimeoutMs: 0,
      },
      limits,
    );

  async function answersWellAgain(): Promise<void> {
    server.behave({});
    const settled = await settle(3_000, (limits) => ask(limits, 'read'));
    expect(settled).toMatchObject({ how: 'answered' });
    if (settled.how === 'answered') expect(textRows(settled.value[0])).toEqual([['a row']]);
  }

  describe.each(BATCHES)('that answers a batch by %s', (batch) => {
    const right = RIGHT_FOR[name].includes(batch);

    it.each(['read', 'write'] as const)(
      `${right ? 'answers' : 'refuses'} a %s, and works on once the server is sane`,
      async (access) => {
        server.behave({ batch });
        const settled = await settle(CALL_MS, (limits) => ask(limits, access));
        if (right) expect(settled).toMatchObject({ how: 'answered' });
        else {
          const error = refusal(settled);
          expect(CODES[batch] ?? ['REPLY_MISMATCH']).toContain(error.code);
          // The batch had reached the server: nobody can know what a write did.
          if (access === 'write') expect(error.outcome).toBe('unknown');
          expect(error.message).not.toContain('password');
        }
        expect(server.bytesSent).toBeLessThan(FLOOD_BYTES);
        await answersWellAgain();
      },
    );

    it('commits no interactive transaction and describes nothing by it', async () => {
      server.behave({ batch });
      const batchOf = { actor: userActor(ANNA), access: 'write', statementTimeoutMs: 0 } as const;
      const described = await settle(CALL_MS, (limits) =>
        mode.describe({ ...batchOf, statements: [statement('select 1', { columns: 1 })] }, limits),
      );
      // The fake answers Describe like a server, so what is right there may come through.
      if (described.how !== 'answered') refusal(described);
      const begin = { ...batchOf, isolation: 'read committed' } as const;
      let used = false;
      const pinned = await settle(CALL_MS, (limits) =>
        mode.withTransaction(begin, limits, async () => {
          used = true;
        }),
      );
      refusal(pinned);
      expect(used).toBe(false);
      await answersWellAgain();
    });

    it('takes nothing back from the answers before', async () => {
      server.behave({ batch, goodBatches: 2 });
      const run = () => settle(CALL_MS, (limits) => ask(limits, 'read'));
      for (const settled of [await run(), await run()]) expect(settled).toMatchObject({ how: 'answered' });
      const third = await run();
      if (right) expect(third).toMatchObject({ how: 'answered' });
      else refusal(third);
    });
  });

  describe.each(LOGINS)('that breaks the login by %s', (login) => {
    it('tells each caller that nothing was sent, and leaves no socket open', async () => {
      server.behave({ login });
      const settled = await Promise.all(
        Array.from({ length: 6 }, () => settle(500, (limits) => ask(limits, 'write'))),
      );
      // It lets us in without a login, and is a server like any other from then on.
      if (login === 'ready-before-authentication') {
        expect(settled.map(({ how }) => how)).toEqual(Array.from({ length: 6 }, () => 'answered'));
        return;
      }
      for (const one of settled) {
        const error = refusal(one);
        expect(error.outcome).toBe('not-applied');
        expect(['CONNECT_TIMEOUT', 'CONNECT_FAILED', 'LOGIN_REFUSED', 'SERVER_UNAVAILABLE']).toContain(
          error.code,
        );
      }
      expect(server.batches).toBe(0);
      await expect.poll(() => server.openConnections).toBe(0);
      expect(mode.stats()).toMatchObject({ size: 0, busy: 0, waiting: 0 });
      // After a refused login the pool pauses, because poolers ban who tries again and again.
      if (!login.startsWith('sasl-')) await answersWellAgain();
    });
  });
});
