import { describe, expect, it } from 'vitest';
import { currentHolder, Holder, holdingOne } from './holder.ts';

const POOL = {};
const LIMITS = { signal: undefined, maxRows: 1, maxBytes: 1 };

describe('a call inside a transaction that waits for another connection', () => {
  const holder = new Holder(POOL, 10_000, undefined);
  const deadlineOf = (own: number, now: number) =>
    holder.aheadOfIt({ ...LIMITS, deadline: own }, now).deadline;

  it('gives up 100 ms before the transaction does, or earlier where its own time ends', () => {
    expect(deadlineOf(20_000, 1_000)).toBe(9_900);
    expect(deadlineOf(5_000, 1_000)).toBe(5_000);
  });

  it('gives up a tenth of the time before it that is left, where that is little', () => {
    expect(deadlineOf(20_000, 9_500)).toBe(9_950);
    expect(deadlineOf(20_000, 10_000)).toBe(10_000);
    expect(deadlineOf(20_000, 11_000)).toBe(10_000);
  });
});

describe('who holds a connection', () => {
  it('is known of the pool alone that it is of, as long as the work runs', async () => {
    let late: (() => unknown) | undefined;
    await holdingOne(POOL, 1, async () => {
      expect(currentHolder(POOL)?.isHolding).toBe(true);
      expect(currentHolder({})).toBeUndefined();
      const held = currentHolder(POOL);
      late = () => [held?.isHolding, held?.of(POOL)];
    });
    expect(late?.()).toEqual([false, undefined]);
    expect(currentHolder(POOL)).toBeUndefined();
  });

  it('is known of the pool of the work around it too', async () => {
    const other = {};
    await holdingOne(POOL, 1, () =>
      holdingOne(other, 2, async () => {
        expect(currentHolder(POOL)).not.toBe(currentHolder(other));
        expect(currentHolder(POOL)?.isHolding).toBe(true);
      }),
    );
  });

  it('is let go when the work fails', async () => {
    let held: Holder | undefined;
    const failing = holdingOne(POOL, 1, async () => {
      held = currentHolder(POOL);
      throw new Error('it failed');
    });
    await expect(failing).rejects.toThrow('it failed');
    expect(held?.isHolding).toBe(false);
  });
});
