import { describe, expect, it } from 'vitest';
import type { Actor } from '../../contract/identity.ts';
import { Call } from '../call/call.ts';
import type { CallPlace, InsideTransaction } from '../call/call-place.ts';
import { held } from '../call/ready-statement.ts';
import { apart, OpenTransactions } from './open-transactions.ts';
import type { TransactionPlace } from './transaction-place.ts';

const ANNA: Actor = { kind: 'user', role: 'authenticated', claims: '{"sub":"anna"}', expiresAt: undefined };
const BERT: Actor = { ...ANNA, claims: '{"sub":"bert"}' };

/** The one transaction of a service, Anna's, and calls that are made while its function runs. */
function fixture(isOpen = true) {
  const open = new OpenTransactions();
  const place = { actor: ANNA, isOpen } as TransactionPlace;
  const layer = apart(open, () => ({ value: 'done', rows: 0 }));
  const call = async (actor: Actor, inside?: InsideTransaction) => {
    const where = { inside } as CallPlace;
    const made = new Call(
      'select',
      where,
      { resolve: () => actor },
      {},
      held(() => undefined),
      undefined,
    );
    made.actor = actor;
    return (await layer(made)).value;
  };
  return { open, place, call };
}

const BYPASSED = { code: 'TRANSACTION_BYPASSED', message: expect.stringContaining('select()') };

describe('a call that is made while a transaction runs', () => {
  it('is refused on another handle of the same identity', async () => {
    const { open, place, call } = fixture();
    await open.run(place, async () => {
      await expect(call(ANNA)).rejects.toMatchObject(BYPASSED);
      await expect(call({ ...ANNA })).rejects.toMatchObject(BYPASSED);
    });
  });

  it('is taken on the handle of the transaction', async () => {
    const { open, place, call } = fixture();
    await open.run(place, async () => {
      expect(await call(ANNA, {} as InsideTransaction)).toBe('done');
    });
  });

  it('is taken as somebody else, outside of it, and once it has ended', async () => {
    const { open, place, call } = fixture();
    await open.run(place, async () => {
      expect(await call(BERT)).toBe('done');
      expect(await open.outside(() => call(ANNA))).toBe('done');
    });
    expect(await call(ANNA)).toBe('done');
    const ended = fixture(false);
    await ended.open.run(ended.place, async () => {
      expect(await ended.call(ANNA)).toBe('done');
    });
  });

  it('is refused for the transaction around the one in which it is made, too', async () => {
    const { open, place, call } = fixture();
    const other = { actor: BERT, isOpen: true } as TransactionPlace;
    await open.run(place, () =>
      open.run(other, async () => {
        await expect(call(ANNA)).rejects.toMatchObject(BYPASSED);
      }),
    );
  });
});
