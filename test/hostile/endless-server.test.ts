import { describe, expect, it } from 'vitest';
import type { CallLimits, ConnectionMode } from '../../src/contract/mode.ts';
import { ANNA, statement, textRows, userActor } from '../modes/plans.ts';
import { ENDLESS_BATCHES, type EndlessBatch } from '../support/network/endless-batches.ts';
import { ENDLESS_LOGINS, type EndlessLogin } from '../support/network/endless-logins.ts';
import { EndlessServer } from '../support/network/endless-server.ts';
import { openMode } from './open-mode.ts';
import { eventually, refusal, settle } from './settle.ts';
import { nothingMayCrash } from './uncaught.ts';

const BATCHES = Object.keys(ENDLESS_BATCHES) as EndlessBatch[];
const LOGINS = Object.keys(ENDLESS_LOGINS) as EndlessLogin[];
/** Enough to connect and be answered beside the others on a busy machine; only who is told nothing takes all of it. */
const CALL_MS = 2_000;
const CONNECT_MS = 1_000;
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
  // A typed row is no document.
  direct: [
    ...RIGHT_AND_MORE,
    'well-formed',
    'document-not-json',
    'document-of-wrong-shape',
    'document-with-wrong-nonce',
  ],
};

/** What a caller is told: the code of each refusal by which a program can decide. */
const CODES: Partial<Record<EndlessBatch, readonly string[]>> = {
  silent: ['TIMEOUT'],
  // Told by the first header, not after a wait for bytes that never come.
  'garbage-bytes': ['REPLY_MISMATCH', 'RESULT_TOO_LARGE'],
  'huge-length': ['REPLY_MISMATCH', 'RESULT_TOO_LARGE'],
  'negative-length': ['REPLY_MISMATCH'],
  'endless-rows': ['RESULT_TOO_LARGE', 'REPLY_MISMATCH'],
  'endless-value': ['RESULT_TOO_LARGE'],
  'endless-notices': ['RESULT_TOO_LARGE'],
  'fatal-then-close': ['CONNECTION_LOST'],
  'fatal-after-complete': ['CONNECTION_LOST'],
  'close-without-a-word': ['CONNECTION_LOST'],
};

const LOGIN_CODES = ['CONNECT_TIMEOUT', 'CONNECT_FAILED', 'LOGIN_REFUSED', 'SERVER_UNAVAILABLE'];

type Name = keyof typeof RIGHT_FOR;

/** A server of its own for each test, and a mode over it. */
class Subject implements AsyncDisposable {
  readonly server: EndlessServer;
  readonly mode: ConnectionMode;

  private constructor(server: EndlessServer, mode: ConnectionMode) {
    this.server = server;
    this.mode = mode;
  }

  static async open(name: Name): Promise<Subject> {
    const server = new EndlessServer();
    const { port } = await server.start();
    const url = `postgres://user:password@127.0.0.1:${port}/database`;
    return new Subject(server, openMode(name, url, { connectTimeoutMs: CONNECT_MS }));
  }

  ask(limits: CallLimits, access: 'read' | 'write' = 'read') {
    const asked = statement(`select 'a row'`, { columns: 1, intent: access });
    return this.mode.run(
      { actor: userActor(ANNA), access, statements: [asked], statementTimeoutMs: 0 },
      limits,
    );
  }

  /** Callers whom an attempt from before takes along when it fails may have to ask again. */
  async answersWellAgain(): Promise<void> {
    this.server.behave({});
    let seen: unknown;
    await eventually('the sane server is heard again', async () => {
      const settled = await settle(2_000, (limits) => this.ask(limits));
      seen = settled.how === 'answered' ? textRows(settled.value[0]) : undefined;
      return seen !== undefined;
    });
    expect(seen).toEqual([['a row']]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.mode.close(0);
    await eventually('all sockets are closed', () => this.server.openConnections === 0);
    await this.server.stop();
  }
}

describe.each(['transaction', 'direct'] as const)('a server gone mad, in %s mode', (name) => {
  nothingMayCrash();

  describe.each(BATCHES)('that answers a batch by %s', (batch) => {
    const right = RIGHT_FOR[name].includes(batch);

    it.concurrent.each(['read', 'write'] as const)(
      `${right ? 'answers' : 'refuses'} a %s, and works on once the server is sane`,
      async (access) => {
        await using subject = await Subject.open(name);
        subject.server.behave({ batch });
        const settled = await settle(CALL_MS, (limits) => subject.ask(limits, access));
        if (right) expect(settled).toMatchObject({ how: 'answered' });
        else {
          const error = refusal(settled);
          expect(CODES[batch] ?? ['REPLY_MISMATCH']).toContain(error.code);
          // The batch had reached the server: nobody can know what a write did.
          if (access === 'write') expect(error.outcome).toBe('unknown');
          expect(JSON.stringify(error)).not.toContain('password');
        }
        expect(subject.server.bytesSent).toBeLessThan(FLOOD_BYTES);
        await subject.answersWellAgain();
      },
    );

    it.concurrent('opens no interactive transaction by it, and answers no describe by rows', async () => {
      await using subject = await Subject.open(name);
      const { server, mode } = subject;
      server.behave({ batch });
      const batchOf = { actor: userActor(ANNA), access: 'write', statementTimeoutMs: 0 } as const;
      const described = await settle(CALL_MS, (limits) =>
        mode.describe({ ...batchOf, statements: [statement('select 1', { columns: 1 })] }, limits),
      );
      // The fake describes as a server does, so what is right for that may come through: columns, never rows.
      if (described.how === 'answered') expect(described.value).toEqual([{ name: 'answer', type: 25 }]);
      else refusal(described);
      let used = false;
      const pinned = await settle(CALL_MS, (limits) =>
        mode.withTransaction({ ...batchOf, isolation: 'read committed' }, limits, async () => {
          used = true;
        }),
      );
      refusal(pinned);
      expect(used).toBe(false);
      await subject.answersWellAgain();
    });

    it.concurrent('takes nothing back from the answers before', async () => {
      await using subject = await Subject.open(name);
      subject.server.behave({ batch, goodBatches: 2 });
      const run = () => settle(CALL_MS, (limits) => subject.ask(limits));
      for (const settled of [await run(), await run()]) expect(settled).toMatchObject({ how: 'answered' });
      const third = await run();
      // The statement is prepared by now: no description is due any more.
      if (right || batch === 'rows-without-description') expect(third).toMatchObject({ how: 'answered' });
      else refusal(third);
    });
  });

  it.concurrent.each(LOGINS)(
    'that breaks the login by %s tells each caller that nothing was sent',
    async (login) => {
      await using subject = await Subject.open(name);
      const { server, mode } = subject;
      server.behave({ login });
      // Time for two attempts, and more.
      const calls = Array.from({ length: 6 }, () =>
        settle(4 * CONNECT_MS, (limits) => subject.ask(limits, 'write')),
      );
      for (const settled of await Promise.all(calls)) {
        if (login === 'ready-before-authentication') {
          // Whoever needs no login is a server like any other.
          expect(settled).toMatchObject({ how: 'answered' });
          continue;
        }
        const error = refusal(settled);
        expect(error.outcome).toBe('not-applied');
        expect(LOGIN_CODES).toContain(error.code);
      }
      if (login === 'ready-before-authentication') return;
      expect(server.batches).toBe(0);
      await eventually('all sockets are closed', () => server.openConnections === 0);
      expect(mode.stats()).toMatchObject({ size: 0, busy: 0, waiting: 0 });
      // After a refused login the pool pauses: poolers ban an address that tries again and again.
      if (!login.startsWith('sasl-')) await subject.answersWellAgain();
    },
  );
});
