/** The time of day jumps: deadlines, pools and breakers must not notice. */
import { setTimeout as pause } from 'node:timers/promises';
import { beneathLoad } from '../beneath-load.ts';
import type { Fault } from '../fault.ts';
import { MovedClock } from '../front.ts';

const HOUR_MS = 3_600_000;

export const MOVED_CLOCK: Fault = {
  name: 'wall clock set back an hour',
  play: async (stage) => {
    const clock = new MovedClock();
    await beneathLoad({
      front: { options: { clock } },
      allowedErrors: /^$/,
      // Back, and the next time forward again.
      strike: async ({ load, notes }) => {
        notes.struck += load.underWay;
        clock.movedMs = clock.movedMs === 0 ? -HOUR_MS : 0;
        await pause(150);
      },
    })(stage);
  },
};
