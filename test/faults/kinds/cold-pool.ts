/** A thousand callers at once, on a service that has neither a connection nor the catalog. */
import type { Fault } from '../fault.ts';

const CALLERS = 1_000;

export const COLD_POOL: Fault = {
  name: '1,000 callers on a cold pool',
  play: async (stage) => {
    const { notes, servers, operations } = stage;
    // Whoever waits in line is answered: nobody is turned away for want of a connection.
    notes.allowedErrors = /^$/;
    let ended = 0;
    do {
      await servers.numbers.seedAhead();
      const front = await stage.openFront({ warm: false });
      const load = stage.makeLoad(front, {
        callers: Math.min(CALLERS, operations),
        timeoutMs: [15_000, 20_000],
      });
      load.start();
      notes.struck += load.underWay;
      await load.stop();
      ended += load.ended.length;
      const first = load.ended[0];
      if (first !== undefined)
        notes.figures.push(
          `${load.ended.length} operations, the last answered after ${lastOf(load.ended)} ms`,
        );
      await front.close();
    } while (ended < operations);
  },
};

function lastOf(ended: readonly { readonly beganAt: number; readonly endedAt: number }[]): number {
  const began = ended.reduce((least, { beganAt }) => Math.min(least, beganAt), Number.POSITIVE_INFINITY);
  return Math.round(ended.reduce((most, { endedAt }) => Math.max(most, endedAt), 0) - began);
}
