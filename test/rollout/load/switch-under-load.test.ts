import { expect, it } from 'vitest';
import { describeFullStack } from '../../support/full-stack.ts';
import { playRun } from './play-run.ts';

/** A busy machine is late by itself: a phase is held to its word once both processes say that they know. */
const PACE = { settledWithinMs: undefined, holdMs: 0, answers: 20 };
const SMALL = { seed: 7, connections: 5, pace: PACE, changes: 5 } as const;

describeFullStack('two processes of an API under load', () => {
  it('fail no request and take none to the wrong side when the flag changes, and go back from a side that is cut off or wrong: by a table', async () => {
    const { broken } = await playRun({
      ...{ ...SMALL, flag: 'table', faults: ['failing', 'wrong'] },
      guard: { windowMs: 5_000, minCalls: 20, slowMarginMs: 60_000 },
    });
    expect(broken).toEqual([]);
  }, 180_000);

  it('do so by a file, and go back from a side that is slow', async () => {
    const { broken } = await playRun({
      ...{ ...SMALL, connections: 8, flag: 'file', faults: ['slow'] },
      guard: { windowMs: 5_000, minCalls: 5, errorMargin: 1, slowFactor: 1, slowMarginMs: 700 },
    });
    expect(broken).toEqual([]);
  }, 180_000);
});
