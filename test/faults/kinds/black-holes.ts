/** Bytes vanish and nobody hears of it. */
import type { Direction } from '../../support/network/network-faults.ts';
import { beneathLoad } from '../beneath-load.ts';
import type { Fault } from '../fault.ts';
import { faultWindow } from './fault-window.ts';

const WINDOW_MS = 700;

function blackHole(name: string, direction: Direction | 'both'): Fault {
  return {
    name,
    play: beneathLoad({
      load: { timeoutMs: [250, 600] },
      strike: (blow) => faultWindow(blow, WINDOW_MS, (proxy) => proxy.blackHole(direction)),
    }),
  };
}

export const BLACK_HOLES: readonly Fault[] = [
  blackHole('black hole to the server', 'to-server'),
  blackHole('black hole to the client', 'to-client'),
  blackHole('black hole both ways', 'both'),
];
