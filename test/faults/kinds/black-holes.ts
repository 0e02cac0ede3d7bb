/** Bytes vanish and nobody hears of it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Direction } from '../../support/network/network-faults.ts';
import { beneathLoad } from '../beneath-load.ts';
import type { Fault } from '../fault.ts';
import { faultWindow } from './fault-window.ts';

const WINDOW_MS = 700;

/** Of operations that begin in the dark: what they wait for never comes. */
const TIMEOUT_MS: readonly [number, number] = [250, 600];

function blackHole(name: string, direction: Direction | 'both'): Fault {
  return {
    name,
    play: beneathLoad({
      strike: async (blow) => {
        blow.load.giveTime(TIMEOUT_MS);
        // Those that have more time have ended.
        await pause(TIMEOUT_MS[0]);
        await faultWindow(blow, WINDOW_MS, (proxy) => proxy.blackHole(direction));
        blow.load.giveTime(undefined);
      },
    }),
  };
}

export const BLACK_HOLES: readonly Fault[] = [
  blackHole('black hole to the server', 'to-server'),
  blackHole('black hole to the client', 'to-client'),
  blackHole('black hole both ways', 'both'),
];
