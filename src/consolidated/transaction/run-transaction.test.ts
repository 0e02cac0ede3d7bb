import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { SerializationError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { PinnedTransaction } from '../../contract/mode.ts';
import { Call } from '../call/call.ts';
import type { CallPlace } from '../call/call-place.ts';
import { held } from '../call/ready-statement.ts';
import type { Router } from '../call/router.ts';
import { parseOptions } from '../options/parse-options.ts';
import type { TransactionOptions } from '../typed/transaction-handle.ts';
import { OpenTransactions } from './open-transactions.ts';
import { transacting } from './run-transaction.ts';
import type { TransactionPlace } from './transaction-place.ts';

const ACTOR: Actor = { kind: 'anonymous', role: 'anon', claims: '{}', expiresAt: undefined };

/** Runs transactions over a fake mode; `ran` counts how often their work did. */
function fixture(work: (run: number, place: TransactionPlace) => Promise<unknown>) {
  const clock = new FakeClock();
  const begun: unknown[] = [];
  const transaction = { mode: 'direct' } as PinnedTransaction;
  const router = {
    withTransaction: (_call: unknown, begin: unknown, use: (one: PinnedTransaction) => Promise<unknown>) => {
      begun.push(begin);
      return use(transaction);
    },
  } as unknown as Router;
  const nowhere = () => Promise.reject(new Error('Nobody reads a catalog.'));
  const catalogs = { current: undefined, load: nowhere, read: nowhere };
  const stage = transacting(
    router,
    catalogs,
    new OpenTransactions(),
    parseOptions({ embedded: true, clock, random: () => 0.5 }),
  );
  const place = { inside: undefined, catalogs } as unknown as CallPlace;
  let ran = 0;
  const run = async (options: TransactionOptions = {}) => {
    const task = {
      options,
      work: (inner: TransactionPlace) => {
        ran += 1;
        return work(ran, inner);
      },
    };
    const call = new Call(
      'transaction',
      place,
      { resolve: () => ACTOR },
      options,
      held(() => undefined),
      task,
    );
    call.limits = { deadline: clock.now() + 1_000, signal: undefined, maxRows: 1, maxBytes: 1 };
    call.actor = ACTOR;
    return (await stage(call)).value;
  };
  return { clock, begun, run, ran: () => ran };
}

const collided = new SerializationError('It met another one.', { sqlState: '40001' });

describe('a transaction that met another one', () => {
  it('is run again as often as asked, in a transaction of its own each time', async () => {
    const { clock, begun, run, ran } = fixture(async (n) => {
      if (n < 3) throw collided;
      return n;
    });
    const result = run({ retries: 5 });
    await clock.advance(500);
    expect(await result).toBe(3);
    expect([ran(), begun.length]).toEqual([3, 3]);
  });

  it('rests before it is run again, longer each time', async () => {
    const { clock, run, ran } = fixture(() => Promise.reject(collided));
    const told = expect(run({ retries: 2 })).rejects.toBe(collided);
    await clock.advance(9);
    expect(ran()).toBe(1);
    await clock.advance(1);
    expect(ran()).toBe(2);
    await clock.advance(19);
    expect(ran()).toBe(2);
    await clock.advance(1);
    expect(ran()).toBe(3);
    await told;
  });

  it('fails where nobody asked for more', async () => {
    const { run, ran } = fixture(() => Promise.reject(collided));
    await expect(run()).rejects.toBe(collided);
    expect(ran()).toBe(1);
  });

  it('is not run again after its deadline', async () => {
    const { clock, run, ran } = fixture(() => Promise.reject(collided));
    const told = expect(run({ retries: 100 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    await clock.advance(1_000);
    await told;
    const until = ran();
    await clock.advance(10_000);
    expect(ran()).toBe(until);
  });
});

describe('a transaction that failed otherwise', () => {
  it.each([
    ['the work threw', new RangeError('of the work')],
    // It would only fail in the same way again.
    [
      'COMMIT was answered by ROLLBACK',
      new SerializationError('It was rolled back.', { code: 'ROLLED_BACK' }),
    ],
  ])('is not run again: %s', async (_why, error) => {
    const { run, ran } = fixture(() => Promise.reject(error));
    await expect(run({ retries: 5 })).rejects.toBe(error);
    expect(ran()).toBe(1);
  });
});

describe('the options of a transaction', () => {
  it('say what is begun', async () => {
    const { begun, run } = fixture(async () => 7);
    expect(await run({ readOnly: true, isolation: 'serializable' })).toBe(7);
    expect(await run()).toBe(7);
    expect(begun).toMatchObject([
      { access: 'read', isolation: 'serializable', statementTimeoutMs: 0 },
      { access: 'write', isolation: 'read committed', statementTimeoutMs: 0 },
    ]);
  });
});
