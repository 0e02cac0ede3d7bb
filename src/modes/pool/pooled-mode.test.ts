import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeServer } from '../../../test/support/fake-server.ts';
import type { CallLimits } from '../../contract/mode.ts';
import type { Statement } from '../../contract/statement.ts';
import { UNPREPARED_SET_UP } from '../wire/set-up.ts';
import { WireConnection } from '../wire/wire-connection.ts';
import { type ModeTraits, PooledMode } from './pooled-mode.ts';

function statement(text: string, origin: 'compiled' | 'raw' = 'compiled'): Statement {
  return { plan: { text, document: '', name: `s_${text.length}`, intent: 'write', origin }, values: [] };
}

const INSERT = statement('insert into notes');
const RAW = statement('insert into others', 'raw');
const ACTOR = { kind: 'user', role: 'authenticated', claims: '{}', expiresAt: undefined } as const;
const BEGIN = {
  actor: ACTOR,
  access: 'write',
  isolation: 'read committed',
  statementTimeoutMs: 0,
} as const;

function fixture(style: ModeTraits['style'] = 'named', onNamesGivenUp?: () => void) {
  const clock = new FakeClock();
  /** One for each connection that was opened. */
  const servers: FakeServer[] = [];
  let answer: FakeServer['answer'] = () => undefined;
  const mode = new PooledMode({
    restAfter: () => 20_000,
    traits: {
      name: 'direct',
      capabilities: { pinned: true, parallel: true, cancel: true },
      style,
      pooled: false,
      discardCommands: () => ['discard all'],
    },
    pool: { max: 1, maxWaiting: 10, idleTimeoutMs: 60_000, maxLifetimeMs: 600_000 },
    clock,
    random: () => 0,
    searchPath: ['public'],
    onNamesGivenUp,
    open: async () => {
      const server = new FakeServer();
      server.answer = (ran) => answer(ran);
      server.connection = new WireConnection(server, clock, 10);
      servers.push(server);
      return server.connection;
    },
  });
  const limits = (ms = 500, more: Partial<CallLimits> = {}): CallLimits => ({
    deadline: clock.now() + ms,
    maxRows: 10,
    maxBytes: 10_000,
    ...more,
  });
  const run = (one: Statement, given = limits()) =>
    mode.run({ actor: ACTOR, access: 'write', statements: [one], statementTimeoutMs: 0 }, given);
  return {
    clock,
    servers,
    mode,
    limits,
    run,
    answerBy: (given: FakeServer['answer']) => {
      answer = given;
    },
  };
}

const thrown = new RangeError('of the work');
const fails = () => Promise.reject(thrown);

describe('a transaction whose work throws', () => {
  it('is rolled back, and hands its connection on', async () => {
    const { servers, mode, limits, run } = fixture();
    await expect(mode.withTransaction(BEGIN, limits(), fails)).rejects.toBe(thrown);
    expect(servers[0]?.ran.at(-1)?.sql).toBe('rollback');
    await run(INSERT);
    expect(servers).toHaveLength(1);
  });

  it('is told at its deadline where the rollback is not answered, and its connection serves nobody', async () => {
    const { clock, servers, mode, limits, run, answerBy } = fixture();
    answerBy(({ sql }) => (sql === 'rollback' ? 'silence' : undefined));
    const told: string[] = [];
    mode.withTransaction(BEGIN, limits(300), fails).catch(() => told.push('the error'));
    await clock.advance(299);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['the error']);
    const next = run(INSERT, limits(10_000));
    await clock.advance(100);
    expect(servers).toHaveLength(1);
    await clock.advance(3_000);
    await next;
    expect(servers).toHaveLength(2);
    expect(servers[0]?.ran.map(({ sql }) => sql)).not.toContain(INSERT.plan.text);
  });

  it('is told at once where it was aborted and the rollback is not answered', async () => {
    const { clock, mode, limits, answerBy } = fixture();
    answerBy(({ sql }) => (sql === 'rollback' ? 'silence' : undefined));
    const controller = new AbortController();
    const told: string[] = [];
    const work = mode.withTransaction(BEGIN, limits(500, { signal: controller.signal }), fails);
    work.catch(() => told.push('the error'));
    await clock.advance(10);
    expect(told).toEqual([]);
    controller.abort();
    await clock.advance(0);
    expect(told).toEqual(['the error']);
  });
});

describe('a transaction that was aborted before its work threw', () => {
  it('is told at once, answered or not', async () => {
    const { clock, servers, mode, limits, answerBy } = fixture();
    answerBy(({ sql }) => (sql === 'rollback' ? 'silence' : undefined));
    const controller = new AbortController();
    const told: string[] = [];
    const work = mode.withTransaction(BEGIN, limits(500, { signal: controller.signal }), () => {
      controller.abort();
      return fails();
    });
    work.catch(() => told.push('the error'));
    await clock.advance(0);
    expect(servers[0]?.ran.at(-1)?.sql).toBe('rollback');
    expect(told).toEqual(['the error']);
  });
});

describe('a connection on which raw SQL ran', () => {
  it('is discarded, and its statements are prepared anew', async () => {
    const { clock, servers, run } = fixture();
    await run(INSERT);
    await run(RAW);
    await clock.advance(0);
    expect(servers[0]?.ran.at(-1)?.sql).toBe('discard all');
    await run(INSERT);
    expect(servers).toHaveLength(1);
    expect(servers[0]?.parsed.filter((text) => text === INSERT.plan.text)).toHaveLength(2);
    // Not only after the server had missed them.
    expect(servers[0]?.refused).toEqual([]);
  });

  it('serves nobody when the server refuses to discard it', async () => {
    const { clock, servers, run, answerBy } = fixture();
    answerBy(({ sql }) =>
      sql === 'discard all' ? { error: { code: '53200', message: 'out of memory' } } : undefined,
    );
    await run(RAW);
    await clock.advance(0);
    await run(INSERT);
    expect(servers).toHaveLength(2);
  });
});

describe('a pool whose connections are kept by those that wait for another one', () => {
  it('says so to who waited in vain, in a transaction or not', async () => {
    const { clock, mode, limits, run } = fixture();
    const inner = Promise.withResolvers<unknown>();
    const kept = mode.withTransaction(BEGIN, limits(1_000), async () => {
      inner.resolve(await run(INSERT, limits(500)).catch((error: unknown) => error));
    });
    await clock.advance(1);
    const other = run(INSERT, limits(300)).catch((error: unknown) => error);
    const message =
      'The deadline passed while waiting for a direct connection (1 of 1 connections busy, maximum 1; 1 of them held by transactions that wait for another one).';
    await clock.advance(500);
    for (const told of [await inner.promise, await other]) {
      expect(told).toMatchObject({ code: 'TIMEOUT', message, hint: expect.stringContaining('(tx)') });
    }
    await kept;
  });

  it('says so before the transaction itself is out of time', async () => {
    const { clock, mode, limits, run } = fixture();
    const kept = mode.withTransaction(BEGIN, limits(500), () => run(INSERT, limits(5_000)));
    const told = expect(kept).rejects.toMatchObject({
      message: expect.stringContaining('held by transactions'),
    });
    await clock.advance(499);
    await told;
  });

  it('is not told of where the holder has ended, or waits for another pool', async () => {
    const { clock, mode, limits, run } = fixture();
    const elsewhere = fixture();
    let late: Promise<unknown> | undefined;
    await mode.withTransaction(BEGIN, limits(), async () => {
      const before = elsewhere.mode.withTransaction(BEGIN, elsewhere.limits(), () => new Promise(() => {}));
      before.catch(() => undefined);
      await elsewhere.clock.advance(1);
      const waiting = elsewhere.run(INSERT, elsewhere.limits(100)).catch((error: unknown) => error);
      await elsewhere.clock.advance(100);
      expect(await waiting).toMatchObject({
        message: expect.stringContaining('(1 of 1 connections busy, maximum 1)'),
      });
      late = run(INSERT, limits(200)).catch((error: unknown) => error);
    });
    // Who waited is served, since the transaction did not wait for it.
    expect(await late).toHaveLength(1);
    await clock.advance(0);
  });
});

describe('named statements through a pooler', () => {
  const note: Statement = {
    plan: { text: 'text', document: 'document', name: 's_note', intent: 'write', origin: 'compiled' },
    values: [],
  };
  /** A server that refuses the name of each statement as often as the test says. */
  function refusing(code: '26000' | '42P05') {
    let givenUp = 0;
    let refusals = 0;
    const scene = fixture('named-document', () => {
      givenUp += 1;
    });
    scene.answerBy(({ sql, values }) => {
      if (sql === UNPREPARED_SET_UP.text) return { rows: [values[0] ?? ''] };
      if (sql !== 'document') return undefined;
      if (refusals > 0) {
        refusals -= 1;
        return { error: { code, message: 'no such name' } };
      }
      const nonce = values.at(-1);
      return { rows: [`["${nonce}", [], "${nonce}"]`] };
    });
    const refuseNext = async () => {
      refusals = 1;
      await scene.run(note);
    };
    return { ...scene, refuseNext, givenUp: () => givenUp };
  }
  const parsedBy = (servers: readonly FakeServer[]) =>
    servers.flatMap(({ parsed }) => parsed).filter((sql) => sql === 'document').length;

  it.each(['26000', '42P05'] as const)(
    'are given up after three refusals (%s) within a minute',
    async (code) => {
      const { servers, run, refuseNext, givenUp } = refusing(code);
      await refuseNext();
      await refuseNext();
      await run(note);
      expect(givenUp()).toBe(0);
      const before = parsedBy(servers);
      await run(note);
      expect(parsedBy(servers)).toBe(before);
      await refuseNext();
      expect(givenUp()).toBe(1);
      const after = parsedBy(servers);
      await run(note);
      await run(note);
      expect([parsedBy(servers) - after, givenUp()]).toEqual([2, 1]);
    },
  );

  it('are kept where a refusal is rare', async () => {
    const { clock, refuseNext, givenUp } = refusing('26000');
    for (let times = 0; times < 6; times++) {
      await refuseNext();
      await clock.advance(30_000);
    }
    expect(givenUp()).toBe(0);
  });
});
