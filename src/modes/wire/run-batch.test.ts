import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeServer } from '../../../test/support/fake-server.ts';
import type { Batch, CallLimits } from '../../contract/mode.ts';
import type { Statement } from '../../contract/statement.ts';
import type { ServerMessage } from './messages.ts';
import { recoveryFor, remainingTimeout, runBatch } from './run-batch.ts';
import { WireConnection } from './wire-connection.ts';

function statement(text: string, origin: 'compiled' | 'raw' = 'compiled'): Statement {
  return { plan: { text, document: '', name: `s_${text.length}`, intent: 'write', origin }, values: [] };
}

const INSERT = statement('insert into notes');
const BEGIN = statement('begin', 'raw');

function fixture({ expiresAfterMs }: { readonly expiresAfterMs?: number } = {}) {
  const clock = new FakeClock();
  const server = new FakeServer();
  const connection = new WireConnection(server, clock, 10);
  server.connection = connection;
  const expiresAt = expiresAfterMs === undefined ? undefined : clock.wallNow() + expiresAfterMs;
  const actor = { kind: 'user', role: 'authenticated', claims: '{}', expiresAt } as const;
  const limits: CallLimits = {
    deadline: clock.now() + 500,
    signal: undefined,
    maxRows: 10,
    maxBytes: 10_000,
  };
  const run = (one: Statement, more: Partial<Batch> = {}) =>
    runBatch(
      connection,
      { actor, access: 'write', statements: [one], statementTimeoutMs: 0, ...more },
      limits,
      {
        clock,
        style: 'named',
        searchPath: 'public',
        pooled: false,
      },
    );
  return { clock, server, connection, limits, run };
}

describe('a batch', () => {
  it('taints its connection when it is raw SQL, and only then', async () => {
    const { connection, run } = fixture();
    await run(INSERT);
    expect(connection.tainted).toBe(false);
    await run(statement('insert into others', 'raw'));
    expect(connection.tainted).toBe(true);
  });

  it('is not sent for a token that expired while it waited for its connection', async () => {
    const { clock, server, run } = fixture({ expiresAfterMs: 100 });
    await clock.advance(100);
    await expect(run(INSERT)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED', outcome: 'not-applied' });
    expect(server.setUps).toEqual([]);
  });

  it('that leaves a transaction open is an error, and its connection is destroyed', async () => {
    const { connection, run } = fixture();
    await expect(run(BEGIN)).rejects.toMatchObject({ code: 'TRANSACTION_LEFT_OPEN' });
    expect(connection.broken).toBeDefined();
  });

  it('of raw SQL that ended a transaction may have been applied, and its connection is destroyed', async () => {
    const { server, connection, run } = fixture();
    const raw = statement('insert into others', 'raw');
    server.answer = ({ sql }) => (sql === raw.plan.text ? { tag: 'COMMIT' } : undefined);
    await expect(run(raw)).rejects.toMatchObject({ code: 'TRANSACTION_ENDED', outcome: 'unknown' });
    expect(connection.broken).toBeDefined();
  });

  it('of our own that is answered with an open transaction cannot be believed', async () => {
    const { server, connection, run } = fixture();
    server.answer = ({ sql }) => (sql === INSERT.plan.text ? { tag: 'INSERT 0 1', status: 'T' } : undefined);
    await expect(run(INSERT)).rejects.toMatchObject({ code: 'REPLY_MISMATCH', outcome: 'unknown' });
    expect(connection.broken).toBeDefined();
  });

  it.each(['26000', '42P05', '57014'])('that meets %s twice is not sent a third time', async (code) => {
    const { server, run } = fixture();
    server.answer = ({ sql }) =>
      sql === INSERT.plan.text && server.ran.length < 5
        ? { error: { code, message: 'canceling statement due to user request' } }
        : undefined;
    await expect(run(INSERT)).rejects.toMatchObject({ sqlState: code, outcome: 'not-applied' });
    expect(server.ran).toHaveLength(2);
  });
});

describe('a batch that is refused before its statement is read', () => {
  it('tells why, when it is the first try', async () => {
    const { server, run } = fixture();
    const message = 'permission denied to set role "authenticated"';
    server.answer = ({ sql }) =>
      sql.includes('set_config(') ? { error: { code: '42501', message } } : undefined;
    await expect(run(INSERT)).rejects.toMatchObject({ code: 'SET_ROLE_REFUSED', outcome: 'not-applied' });
    expect(server.ran).toEqual([]);
  });

  it('tells what refused the write, when the second try comes no further than to ask for one', async () => {
    const { server, run } = fixture();
    server.answer = ({ sql }) => {
      if (sql === INSERT.plan.text)
        return { error: { code: '25006', message: 'cannot execute INSERT in a read-only transaction' } };
      if (sql.startsWith('set transaction'))
        return {
          error: { code: '0A000', message: 'cannot set transaction read-write mode during recovery' },
        };
      return undefined;
    };
    await expect(run(INSERT)).rejects.toMatchObject({ sqlState: '25006', outcome: 'not-applied' });
    expect(server.refused).toEqual(['25006', '0A000']);
  });
});

describe('raw SQL that may commit by itself', () => {
  const plain = statement('do $$ block $$', 'raw');
  const block: Statement = { ...plain, plan: { ...plain.plan, mayCommit: true } };

  it('runs between BEGIN and COMMIT, whose answer tells that it was done', async () => {
    const { server, run } = fixture();
    await run(block);
    expect(server.ran.map(({ sql }) => sql.split(' ')[0])).toEqual(['begin', 'do', 'commit']);
  });

  it('was not applied when COMMIT is answered by ROLLBACK', async () => {
    const { server, run } = fixture();
    server.answer = ({ sql }) => (sql === 'commit' ? { tag: 'ROLLBACK', status: 'I' } : undefined);
    await expect(run(block)).rejects.toMatchObject({ code: 'ROLLED_BACK', outcome: 'not-applied' });
  });

  it('tells why it failed by its deadline, though its rollback is not answered', async () => {
    const { clock, server, connection, run } = fixture();
    server.answer = ({ sql }) => {
      if (sql === block.plan.text) return { error: { code: '2D000', message: 'invalid termination' } };
      return sql === 'rollback' ? 'silence' : undefined;
    };
    const told = run(block).catch((error: unknown) => error);
    await clock.advance(500);
    expect(await told).toMatchObject({ code: 'TRANSACTION_CONTROL', outcome: 'not-applied' });
    // It serves nobody before it has rolled back.
    expect(connection.busy).toBe(true);
    server.answerNow();
    await clock.advance(0);
    expect([connection.busy, connection.status]).toEqual([false, 'I']);
  });

  it('with transactions of its own may have committed before it failed, and is not sent again', async () => {
    const { server, run } = fixture();
    server.answer = ({ sql }) =>
      sql === block.plan.text
        ? { error: { code: '57014', message: 'canceling statement due to user request' } }
        : undefined;
    await expect(run(block, { ownTransactions: true })).rejects.toMatchObject({
      outcome: 'unknown',
      sqlState: '57014',
    });
    expect(server.ran).toHaveLength(1);
  });
});

describe('the time limit of a statement on the server', () => {
  const { clock, limits } = fixture();

  it("is the role's own where that is shorter than what is left", () => {
    expect(remainingTimeout(100, limits, clock)).toBe(100);
  });

  it("is what is left where the role's own is longer, or where it has none", () => {
    expect(remainingTimeout(900, limits, clock)).toBe(500);
    expect(remainingTimeout(0, limits, clock)).toBe(500);
  });

  it('is none where nothing is left, or the call was aborted: the statement is not sent', async () => {
    const signal = AbortSignal.abort();
    expect(() => remainingTimeout(0, { ...limits, signal }, clock)).toThrow(
      expect.objectContaining({ code: 'ABORTED' }),
    );
    const live = new AbortController().signal;
    expect(remainingTimeout(0, { ...limits, signal: live }, clock)).toBe(500);
    await clock.advance(500);
    expect(() => remainingTimeout(0, limits, clock)).toThrow(expect.objectContaining({ code: 'TIMEOUT' }));
  });

  it('goes with the batch', async () => {
    const { clock, server, run } = fixture();
    await clock.advance(200);
    await run(INSERT);
    expect(server.setUps.at(-1)?.values).toContain('300');
  });
});

describe('a second try', () => {
  const error = (code: string, more: Partial<ServerMessage> = {}) => ({ code, ...more }) as ServerMessage;

  it('is made of a write that met a read-only transaction, not of a read', () => {
    expect(recoveryFor(error('25006'), 'write')).toBe('lead');
    expect(recoveryFor(error('25001'), 'write')).toBe('lead');
    expect(recoveryFor(error('25001'), 'read')).toBe('lead');
    expect(recoveryFor(error('25006'), 'read')).toBeUndefined();
  });

  it("is made after a cancel by request, which another client's was, not after the server's own timeout", () => {
    const cancelled = 'canceling statement due to user request';
    const timedOut = 'canceling statement due to statement timeout';
    expect(recoveryFor(error('57014', { message: cancelled }), 'read')).toBe('stray-cancel');
    expect(recoveryFor(error('57014', { message: timedOut }), 'read')).toBeUndefined();
  });

  it('is made after a stale plan, not after what the server does not support', () => {
    const stale = error('0A000', { routine: 'RevalidateCachedQuery' });
    expect(recoveryFor(stale, 'write')).toBe('forget-prepared');
    expect(recoveryFor(error('0A000', { routine: 'transformStmt' }), 'write')).toBeUndefined();
  });

  it('is not made after an error that a function raised, whatever it says', () => {
    const raised = { severity: 'ERROR', routine: 'exec_stmt_raise', message: 'due to user request' };
    for (const code of ['0A000', '25001', '25006', '26000', '42P05', '57014']) {
      expect(recoveryFor(error(code, raised), 'write'), code).toBeUndefined();
    }
  });

  it('is made after no other error', () => {
    for (const code of ['23505', '42501', '40001', '53300', undefined]) {
      expect(recoveryFor(error(code as string), 'write')).toBeUndefined();
    }
  });
});
