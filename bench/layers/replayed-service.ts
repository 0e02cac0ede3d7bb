import { Connections } from '../../src/consolidated/connections/connections.ts';
import type { ConnectionMode } from '../../src/contract/mode.ts';
import { ReplayingMode } from './replaying-mode.ts';

/**
 * Puts a replaying mode in front of every mode that services choose, from now until the returned function
 * is called. The place where modes are chosen is the only seam below all layers that the benchmark measures.
 */
export function replayModes(): () => void {
  const real = Connections.prototype.choose;
  const replaying = new Map<ConnectionMode, ReplayingMode>();
  Connections.prototype.choose = function choose(this: Connections, ...args: Parameters<typeof real>) {
    const mode = real.apply(this, args);
    let replayed = replaying.get(mode);
    if (replayed === undefined) {
      replayed = new ReplayingMode(mode);
      replaying.set(mode, replayed);
    }
    return replayed;
  };
  return () => {
    Connections.prototype.choose = real;
  };
}
