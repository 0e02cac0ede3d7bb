import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ConnectionError, OutcomeUnknownError, ValidationError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { Batch, CallLimits, ConnectionMode, StatementReply } from '../../contract/mode.ts';
import type { Plan, Statement } from '../../contract/statement.ts';
import { notOpened } from '../../modes/index.ts';
import type { Catalog } from '../catalog/model.ts';
import { retriesOf } from '../resilience/retries.ts';
import { attempts } from './attempts.ts';
import { Call } from './call.ts';
import type { CallPlace } from './call-place.ts';
import { held, type ReadyStatement } from './ready-statement.ts';
import { type Gate, Router } from './router.ts';

const ACTOR: Actor = { kind: 'user', role: 'reader', claims: '{}', expiresAt: undefined };
const CLAIM: Statement = {
  plan: { text: 'claim', document: '', name: 'c', intent: 'write', origin: 'compiled' },
  values: [],
};
const REPLY: StatementReply = { form: 'rows', fields: [], rows: [], count: 0 };

interface Given {
  readonly origin?: Plan['origin'];
  readonly intent?: Plan['intent'];
  /** Answers the first try, the second, … */
  readonly answer?: (attempt: number) => Promise<readonly StatementReply[]>;
  /** Where the batch goes while its own mode is full. */
  readonly other?: ConnectionMode;
  /** The caller's own object, which is read each time that the call is compiled. */
  readonly row?: { name: string };
  readonly isKeyed?: boolean;
  /** The check of the login, before the first batch. */
  readonly check?: () => Promise<void>;
  /** Sends again what failed, at once. */
  readonly retries?: boolean;
  readonly gate?: Gate;
}

/** The last stage over a fake mode, and what was sent to that. */
function fixture({
  origin = 'compiled',
  intent = 'write',
  answer = async () => [REPLY],
  other,
  row,
  isKeyed,
  check,
  retries = false,
  gate,
}: Given = {}) {
  const sent: { readonly batch: Batch; readonly limits: CallLimits }[] = [];
  const mode = {
    name: 'direct',
    run: (batch: Batch, limits: CallLimits) => {
      sent.push({ batch, limits });
      return answer(sent.length);
    },
  } as unknown as ConnectionMode;
  const clock = new FakeClock();
  const router = new Router(
    { choose: () => mode, relieve: () => other ?? mode, elsewhere: () => undefined, check: () => check?.() },
    clock,
    gate,
  );
  let epoch = 1;
  const catalog = (): Catalog =>
    ({ epoch, roleTimeoutMs: (role: string) => (role === 'reader' ? 700 : undefined) }) as Catalog;
  let current = catalog();
  const place = {
    inside: undefined,
    catalogs: {
      get current() {
        return current;
      },
      reloadForMissing: async () => {
        epoch += 1;
        current = catalog();
        return current;
      },
    },
  } as unknown as CallPlace;
  const ready = (): ReadyStatement<unknown> => ({
    kind: 'insert',
    statements: [
      {
        plan: { text: 'text', document: 'd', name: 's', intent, origin },
        values: row === undefined ? [] : [row.name],
      },
    ],
    settings: undefined,
    ...(isKeyed === true && { keyed: { claim: CLAIM, kept: [] } }),
    read: () => ({ value: 'read', rows: 0 }),
  });
  const call = new Call('insert', place, { resolve: () => ACTOR }, {}, held(ready), undefined);
  call.limits = { deadline: clock.now() + 500, signal: undefined, maxRows: 10, maxBytes: 1_000 };
  call.actor = ACTOR;
  call.compile(current);
  const again = retriesOf(retries && { attempts: 3, budget: 1 }, {
    clock,
    random: () => 0,
    tell: undefined,
    loginOf: () => 'users',
  });
  return {
    sent,
    call,
    run: async () => {
      const answered = attempts(router, again)(call);
      const result = Promise.resolve(answered).then(({ value }) => value);
      result.catch(() => undefined);
      await clock.advance(0);
      return result;
    },
  };
}

const gone = (outcome: 'not-applied' | 'unknown' = 'not-applied') =>
  new ValidationError('There is no such relation.', {
    code: 'INVALID_STATEMENT',
    sqlState: '42P01',
    outcome,
  });

describe('a batch', () => {
  it("carries its role's own time limit", async () => {
    const { sent, run } = fixture();
    expect(await run()).toBe('read');
    expect(sent[0]?.batch).toMatchObject({ actor: ACTOR, access: 'write', statementTimeoutMs: 700 });
  });

  it('of a write has no cap of rows, of a read it has; both have one of bytes', async () => {
    for (const [intent, maxRows] of [
      ['write', Number.MAX_SAFE_INTEGER],
      ['read', 10],
    ] as const) {
      const { sent, run } = fixture({ intent });
      await run();
      expect(sent[0]?.limits).toMatchObject({ maxRows, maxBytes: 1_000 });
    }
  });
});

describe('a batch that the database refused because it has changed', () => {
  it('is compiled anew and sent once more', async () => {
    const { sent, run } = fixture({
      answer: (attempt) => (attempt === 1 ? Promise.reject(gone()) : Promise.resolve([REPLY])),
    });
    expect(await run()).toBe('read');
    expect(sent).toHaveLength(2);
  });

  it('is sent with what the call was made with, or not again', async () => {
    const row = { name: 'first' };
    const { sent, run } = fixture({
      row,
      answer: (attempt) => {
        if (attempt > 1) return Promise.resolve([REPLY]);
        row.name = 'other';
        return Promise.reject(gone());
      },
    });
    await expect(run()).rejects.toMatchObject({ sqlState: '42P01', outcome: 'not-applied' });
    expect(sent.map(({ batch }) => batch.statements[0]?.values)).toEqual([['first']]);
  });

  it('is not sent a third time', async () => {
    const { sent, run } = fixture({ answer: () => Promise.reject(gone()) });
    await expect(run()).rejects.toMatchObject({ sqlState: '42P01' });
    expect(sent).toHaveLength(2);
  });

  it('is not sent again when it is raw SQL', async () => {
    const { sent, run } = fixture({ origin: 'raw', answer: () => Promise.reject(gone()) });
    await expect(run()).rejects.toMatchObject({ sqlState: '42P01' });
    expect(sent).toHaveLength(1);
  });

  it('is not sent again when nobody knows whether it was applied', async () => {
    const { sent, run } = fixture({ answer: () => Promise.reject(gone('unknown')) });
    await expect(run()).rejects.toMatchObject({ outcome: 'unknown' });
    expect(sent).toHaveLength(1);
  });
});

describe('an error that nobody foresaw', () => {
  it.each([
    ['write', 'unknown'],
    ['read', 'not-applied'],
  ] as const)('while a %s is sent makes it %s, and says nothing of itself', async (intent, outcome) => {
    const cause = new TypeError('cannot read "the value"');
    const { run } = fixture({ intent, answer: () => Promise.reject(cause) });
    const error: unknown = await run().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INTERNAL', outcome, cause });
    expect(String(error)).not.toContain('the value');
  });
});

describe('a batch whose mode is full', () => {
  const elsewhere = (run: ConnectionMode['run']) =>
    ({ name: 'transaction', run }) as Partial<ConnectionMode> as ConnectionMode;

  it('is sent in another one, which is told', async () => {
    const { sent, call, run } = fixture({ other: elsewhere(async () => [REPLY]) });
    expect(await run()).toBe('read');
    expect([sent.length, call.mode?.name, call.isMoved]).toEqual([0, 'transaction', true]);
  });

  it('waits in its own where no connection could be opened in the other one', async () => {
    const refused = notOpened(new ConnectionError('No connection.', { code: 'CONNECT_FAILED' }));
    const { sent, call, run } = fixture({ other: elsewhere(() => Promise.reject(refused)) });
    expect(await run()).toBe('read');
    expect([sent.length, call.mode?.name, call.isMoved]).toEqual([1, 'direct', false]);
  });

  it('is not sent again where it was sent', async () => {
    const lost = new ConnectionError('It was lost.', { code: 'CONNECTION_LOST' });
    const { sent, run } = fixture({ other: elsewhere(() => Promise.reject(lost)) });
    await expect(run()).rejects.toBe(lost);
    expect(sent).toHaveLength(0);
  });
});

describe('a batch whose way failed', () => {
  const lost = new ConnectionError('It was lost.', { code: 'CONNECTION_LOST' });
  const inDoubt = new OutcomeUnknownError('It was lost.', { code: 'CONNECTION_LOST' });
  const failing =
    (...errors: readonly Error[]) =>
    (attempt: number) => {
      const error = errors[attempt - 1];
      return error === undefined ? Promise.resolve([REPLY]) : Promise.reject(error);
    };

  it('is sent again, and passes the gate again', async () => {
    const passed: string[] = [];
    const gate: Gate = {
      enter: () => passed.push('enter'),
      leave: (_call, _mode, error) => passed.push(error === undefined ? 'well' : 'failed'),
    };
    const { sent, run } = fixture({ retries: true, intent: 'read', answer: failing(lost, lost), gate });
    expect(await run()).toBe('read');
    expect(sent).toHaveLength(3);
    expect(passed).toEqual(['enter', 'failed', 'enter', 'failed', 'enter', 'well']);
  });

  it('is sent once only where retries are off', async () => {
    const { sent, run } = fixture({ intent: 'read', answer: failing(lost) });
    await expect(run()).rejects.toBe(lost);
    expect(sent).toHaveLength(1);
  });

  it('is not sent again where a write may have been applied, unless it has a key', async () => {
    const plain = fixture({ retries: true, answer: failing(inDoubt) });
    await expect(plain.run()).rejects.toBe(inDoubt);
    expect(plain.sent).toHaveLength(1);
    const keyed = fixture({ retries: true, isKeyed: true, answer: failing(inDoubt) });
    expect(await keyed.run()).toBe('read');
    expect(keyed.sent).toHaveLength(2);
  });

  it('has no key because somebody gave every object one', async () => {
    const { sent, run } = fixture({ retries: true, answer: failing(inDoubt) });
    Object.defineProperty(Object.prototype, 'keyed', {
      value: { claim: CLAIM, kept: [] },
      configurable: true,
    });
    try {
      await expect(run()).rejects.toBe(inDoubt);
      expect(sent).toHaveLength(1);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'keyed');
    }
  });

  it('is sent once its login is checked, and that check is made within the gate', async () => {
    let checks = 0;
    const check = () => {
      checks += 1;
      return checks === 1 ? Promise.reject(lost) : Promise.resolve();
    };
    const failures: unknown[] = [];
    const gate: Gate = { enter: () => {}, leave: (_call, _mode, error) => failures.push(error) };
    const { sent, run } = fixture({ retries: true, check, gate });
    expect(await run()).toBe('read');
    expect([sent.length, checks, failures]).toEqual([1, 2, [lost, undefined]]);
  });
});
