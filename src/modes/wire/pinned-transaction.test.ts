import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeServer } from '../../../test/support/fake-server.ts';
import type { BeginOptions, CallLimits } from '../../contract/mode.ts';
import type { Statement } from '../../contract/statement.ts';
import { OpenTransaction } from './pinned-transaction.ts';
import { WireConnection } from './wire-connection.ts';

function statement(text: string, origin: 'compiled' | 'raw' = 'compiled'): Statement {
  return { plan: { text, document: '', name: `s_${text.length}`, intent: 'write', origin }, values: [] };
}

const INSERT = statement('insert into notes');
const RAW = statement('insert into others', 'raw');

interface Given {
  readonly access?: 'read' | 'write';
  /** From the begin on. */
  readonly expiresAfterMs?: number;
  readonly cancellable?: boolean;
}

function fixture({ access = 'write', expiresAfterMs, cancellable = true }: Given = {}) {
  const clock = new FakeClock();
  const server = new FakeServer({ cancellable });
  const connection = new WireConnection(server, clock, 10);
  server.connection = connection;
  const expiresAt = expiresAfterMs === undefined ? undefined : clock.wallNow() + expiresAfterMs;
  const actor = { kind: 'user', role: 'authenticated', claims: '{}', expiresAt } as const;
  const begin: BeginOptions = { actor, access, isolation: 'read committed', statementTimeoutMs: 0 };
  const limits = (more: Partial<CallLimits> = {}): CallLimits => ({
    deadline: clock.now() + 500,
    signal: undefined,
    maxRows: 10,
    maxBytes: 10_000,
    ...more,
  });
  const context = { clock, style: 'named', searchPath: 'public', pooled: false } as const;
  const open = (given: CallLimits = limits()) =>
    OpenTransaction.open(connection, 'direct', begin, given, context);
  /** What the server ran since the transaction was opened. */
  const sent = () => server.ran.map(({ sql }) => sql).filter((sql) => !sql.startsWith('begin'));
  return { clock, server, connection, limits, open, sent };
}

/** Answers the statement of that text by what is given, all others as usual. */
function on(text: string, answer: ReturnType<FakeServer['answer']>): FakeServer['answer'] {
  return ({ sql }) => (sql === text ? answer : undefined);
}

describe('a transaction whose connection is lost', () => {
  it('at its COMMIT may be applied', async () => {
    const { server, limits, open } = fixture();
    const transaction = await open();
    await transaction.run([INSERT], limits());
    server.answer = on('commit', 'close');
    await expect(transaction.commit(limits())).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      outcome: 'unknown',
    });
  });

  it('at its COMMIT is not applied where it only read', async () => {
    const { server, limits, open } = fixture({ access: 'read' });
    const transaction = await open();
    server.answer = on('commit', 'close');
    await expect(transaction.commit(limits())).rejects.toMatchObject({ outcome: 'not-applied' });
  });

  it('before its COMMIT is not applied', async () => {
    const { server, connection, limits, open } = fixture();
    const transaction = await open();
    await transaction.run([INSERT], limits());
    expect(connection.tainted).toBe(false);
    server.answer = on(INSERT.plan.text, 'close');
    await expect(transaction.run([INSERT], limits())).rejects.toMatchObject({ outcome: 'not-applied' });
  });

  it('under raw SQL, which may have committed, may be applied', async () => {
    const { server, limits, open } = fixture();
    const transaction = await open();
    server.answer = on(RAW.plan.text, 'close');
    await expect(transaction.run([RAW], limits())).rejects.toMatchObject({ outcome: 'unknown' });
  });

  it('after raw SQL, which may have committed, may be applied', async () => {
    const { server, connection, limits, open } = fixture();
    const transaction = await open();
    await transaction.run([INSERT, RAW], limits());
    expect(connection.tainted).toBe(true);
    server.answer = on(INSERT.plan.text, 'close');
    await expect(transaction.run([INSERT], limits())).rejects.toMatchObject({ outcome: 'unknown' });
  });

  it('tells who comes later why, though its connection lives on until it has answered', async () => {
    const { clock, server, connection, limits, open, sent } = fixture({ cancellable: false });
    const transaction = await open();
    server.answer = on(INSERT.plan.text, 'silence');
    const lost = transaction.run([INSERT], limits());
    const told = expect(lost).rejects.toMatchObject({ code: 'TIMEOUT' });
    await clock.advance(500);
    await told;
    await expect(transaction.run([RAW], limits())).rejects.toMatchObject({ code: 'TIMEOUT' });
    server.answerNow();
    await clock.advance(0);
    expect([connection.busy, connection.status]).toEqual([false, 'T']);
    await expect(transaction.run([RAW], limits())).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(transaction.commit(limits())).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(sent()).toEqual([INSERT.plan.text]);
  });
});

describe('the end of a transaction', () => {
  it('is told when the server answers COMMIT', async () => {
    const { limits, open, sent } = fixture();
    const transaction = await open();
    await transaction.run([INSERT], limits());
    await transaction.commit(limits());
    expect(sent()).toEqual([INSERT.plan.text, 'commit']);
    await expect(transaction.run([INSERT], limits())).rejects.toMatchObject({ code: 'TRANSACTION_ENDED' });
  });

  it('is a rollback when the server answers COMMIT with ROLLBACK', async () => {
    const { server, limits, open } = fixture();
    const transaction = await open();
    server.answer = on(INSERT.plan.text, { error: { code: '23505', message: 'duplicate key' } });
    await expect(transaction.run([INSERT], limits())).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' });
    await expect(transaction.commit(limits())).rejects.toMatchObject({
      code: 'ROLLED_BACK',
      outcome: 'not-applied',
    });
  });

  it('beneath it, by raw SQL, lets nothing more run on the connection', async () => {
    const { server, connection, limits, open, sent } = fixture();
    const transaction = await open();
    // Such as a procedure that commits: its tag does not tell.
    server.answer = on(RAW.plan.text, { tag: 'CALL', status: 'I' });
    const ended = { code: 'TRANSACTION_ENDED', outcome: 'unknown' };
    await expect(transaction.run([RAW], limits())).rejects.toMatchObject(ended);
    await expect(transaction.run([INSERT], limits())).rejects.toMatchObject(ended);
    await expect(transaction.commit(limits())).rejects.toMatchObject(ended);
    expect(sent()).toEqual([RAW.plan.text]);
    expect(connection.broken).toBeDefined();
    expect(server.log).toContain('destroy');
  });
});

describe('a transaction that raw SQL chains to another one', () => {
  it('lets nothing more run on the connection, though its status is that of an open one', async () => {
    const { server, connection, limits, open, sent } = fixture();
    const transaction = await open();
    server.answer = on(RAW.plan.text, { tag: 'COMMIT', status: 'T' });
    const ended = { code: 'TRANSACTION_ENDED', outcome: 'unknown' };
    await expect(transaction.run([RAW], limits())).rejects.toMatchObject(ended);
    await expect(transaction.run([INSERT], limits())).rejects.toMatchObject(ended);
    expect(sent()).toEqual([RAW.plan.text]);
    expect(connection.broken).toBeDefined();
  });
});

describe('what follows a COMMIT', () => {
  it('may not be an open transaction', async () => {
    const { server, connection, limits, open } = fixture();
    const transaction = await open();
    server.answer = on('commit', { tag: 'COMMIT', status: 'T' });
    await expect(transaction.commit(limits())).rejects.toMatchObject({
      code: 'REPLY_MISMATCH',
      outcome: 'unknown',
    });
    expect(connection.broken).toBeDefined();
  });

  it('may fail: the transaction is committed, and its connection serves nobody', async () => {
    const { server, connection, limits, open } = fixture();
    const transaction = await open();
    server.answer = on('discard temp', { error: { code: '53200', message: 'out of memory' } });
    await transaction.commit(limits());
    expect(connection.broken).toBeDefined();
  });
});

describe('raw SQL in a transaction', () => {
  it('is followed by the set-up, which what is compiled is not', async () => {
    const { server, limits, open } = fixture();
    const transaction = await open();
    await transaction.run([INSERT], limits());
    expect(server.setUps).toHaveLength(1);
    await transaction.run([RAW], limits());
    expect(server.setUps).toHaveLength(2);
  });
});

describe('a prepared statement in a transaction', () => {
  const STALE = {
    error: { code: '0A000', routine: 'RevalidateCachedQuery', message: 'cached plan must not change' },
  };
  const parsedTimes = (server: FakeServer) =>
    server.parsed.filter((text) => text === INSERT.plan.text).length;

  it('is parsed once, and anew behind raw SQL, which may be DDL or DEALLOCATE', async () => {
    const { server, limits, open } = fixture();
    const transaction = await open();
    for (let run = 0; run < 2; run++) await transaction.run([INSERT], limits());
    expect(parsedTimes(server)).toBe(1);
    await transaction.run([RAW], limits());
    for (let run = 0; run < 2; run++) await transaction.run([INSERT], limits());
    expect(parsedTimes(server)).toBe(2);
  });

  it('is parsed anew where DDL may have been undone', async () => {
    const { server, limits, open } = fixture();
    const transaction = await open();
    await transaction.command('savepoint one', limits());
    await transaction.run([RAW], limits());
    await transaction.run([INSERT], limits());
    await transaction.command('rollback to savepoint one', limits());
    await transaction.run([INSERT], limits());
    expect(parsedTimes(server)).toBe(2);
  });

  it('that is outdated begins the transaction again where nothing was sent before', async () => {
    const { server, limits, open, sent } = fixture();
    const transaction = await open();
    let refusals = 0;
    server.answer = ({ sql }) => (sql === INSERT.plan.text && refusals++ === 0 ? STALE : undefined);
    await transaction.run([INSERT], limits());
    expect(sent()).toEqual([INSERT.plan.text, 'rollback', INSERT.plan.text]);
    expect(server.ran.filter(({ sql }) => sql.startsWith('begin'))).toHaveLength(2);
    expect(server.setUps).toHaveLength(2);
    await transaction.commit(limits());
  });

  it.each(['statement', 'savepoint'])(
    'that is outdated is told where a %s was sent before',
    async (before) => {
      const { server, limits, open, sent } = fixture();
      const transaction = await open();
      if (before === 'savepoint') await transaction.command('savepoint one', limits());
      else await transaction.run([statement('select 1')], limits());
      server.answer = on(INSERT.plan.text, STALE);
      await expect(transaction.run([INSERT], limits())).rejects.toMatchObject({
        name: 'SerializationError',
        code: 'STATEMENT_OUTDATED',
        sqlState: '0A000',
        outcome: 'not-applied',
      });
      expect(sent().at(-1)).toBe(INSERT.plan.text);
      // Another one would be without what was sent before.
      expect(server.ran.filter(({ sql }) => sql.startsWith('begin'))).toHaveLength(1);
    },
  );
});

describe('an abort whose cancel came too late', () => {
  it.each([
    ['aborted', 'ABORTED'],
    ['late', 'TIMEOUT'],
  ])('leaves its answer, and ends the transaction by its own name: %s', async (why, code) => {
    const { clock, server, limits, open } = fixture();
    const transaction = await open();
    const controller = new AbortController();
    server.answer = on(INSERT.plan.text, 'silence');
    const run = transaction.run([INSERT], limits({ signal: controller.signal }));
    await clock.advance(10);
    if (why === 'aborted') controller.abort();
    else await clock.advance(600 - 10);
    expect(server.log).toEqual(['cancel']);
    server.answerNow();
    expect(await run).toHaveLength(1);
    const later = { code, outcome: 'not-applied' };
    await expect(transaction.run([INSERT], limits())).rejects.toMatchObject(later);
    await expect(transaction.commit(limits())).rejects.toMatchObject(later);
  });
});

describe('the beginning of a transaction', () => {
  it('that leaves none open is an error, and the connection is destroyed', async () => {
    const { server, connection, open } = fixture();
    server.answer = ({ sql }) => (sql.startsWith('begin') ? { tag: 'BEGIN', status: 'I' } : undefined);
    await expect(open()).rejects.toMatchObject({ outcome: 'unknown' });
    expect(connection.broken).toBeDefined();
  });

  it('that the server refuses destroys the connection', async () => {
    const { server, connection, open } = fixture();
    server.answer = ({ sql }) =>
      sql.startsWith('begin') ? { error: { code: '53200', message: 'out of memory' } } : undefined;
    await expect(open()).rejects.toMatchObject({ sqlState: '53200', outcome: 'not-applied' });
    expect(connection.broken).toBeDefined();
  });

  it('is not sent for a token that expired while it waited for its connection', async () => {
    const { clock, server, open } = fixture({ expiresAfterMs: 100 });
    await clock.advance(100);
    await expect(async () => open()).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
    expect(server.ran).toEqual([]);
  });
});

describe('a call of a transaction', () => {
  it('is sent when the one before it has been answered', async () => {
    const { clock, server, limits, open, sent } = fixture();
    const transaction = await open();
    server.answer = on(INSERT.plan.text, 'silence');
    const both = Promise.all([transaction.run([INSERT], limits()), transaction.run([RAW], limits())]);
    await clock.advance(10);
    expect(sent()).toEqual([INSERT.plan.text]);
    server.answerNow();
    expect(await both).toHaveLength(2);
    expect(sent()).toEqual([INSERT.plan.text, RAW.plan.text]);
  });

  it.each(['run', 'commit'] as const)('is not sent after its deadline: %s', async (call) => {
    const { clock, limits, open, sent } = fixture();
    const transaction = await open();
    const late = limits();
    await clock.advance(500);
    const called = call === 'run' ? transaction.run([INSERT], late) : transaction.commit(late);
    await expect(called).rejects.toMatchObject({ code: 'TIMEOUT', outcome: 'not-applied' });
    expect(sent()).toEqual([]);
  });

  it.each(['run', 'commit'] as const)('is not sent after its abort: %s', async (call) => {
    const { limits, open, sent } = fixture();
    const transaction = await open();
    const gone = limits({ signal: AbortSignal.abort() });
    const called = call === 'run' ? transaction.run([INSERT], gone) : transaction.commit(gone);
    await expect(called).rejects.toMatchObject({ code: 'ABORTED', outcome: 'not-applied' });
    expect(sent()).toEqual([]);
  });

  it('does not commit for a token that has expired', async () => {
    const { clock, limits, open, sent } = fixture({ expiresAfterMs: 100 });
    const transaction = await open();
    await transaction.run([INSERT], limits());
    await clock.advance(100);
    await expect(transaction.commit(limits())).rejects.toMatchObject({
      code: 'TOKEN_EXPIRED',
      outcome: 'not-applied',
    });
    expect(sent()).toEqual([INSERT.plan.text]);
  });
});
