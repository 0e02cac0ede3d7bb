/** A fault, what it is given to be brought about, and what it writes down. */
import type { LoopWatch } from '../support/journal/loop-watch.ts';
import type { SeededRandom } from '../support/network/seeded-random.ts';
import type { FaultServers } from './fault-servers.ts';
import type { Front, FrontOptions } from './front.ts';
import type { EndedOperation, Load, LoadOptions } from './load.ts';

export interface Fault {
  /** As `--only` takes it. */
  readonly name: string;
  /** It kills, fills or pauses servers, which must be nobody else's. */
  readonly needsOwnServers?: boolean;
  /** One round takes so long, or measures so much, that only the whole run has time and peace for it. */
  readonly isLong?: boolean;
  readonly play: (stage: FaultStage) => Promise<void>;
}

/** What a fault is played on. It opens what it needs; what it leaves open is closed behind it. */
export interface FaultStage {
  readonly servers: FaultServers;
  readonly random: SeededRandom;
  /** At least so many, all of them judged. */
  readonly operations: number;
  readonly notes: FaultNotes;
  /** Knows for how long this process stood still, which is nobody's doing. */
  readonly loop: LoopWatch;
  /** @param servers - others than those of the stage */
  openFront(options?: FrontOptions, servers?: FaultServers): Promise<Front>;
  /** Callers who are not at work yet. What they do is judged when the fault has been played. */
  makeLoad(front: Front, options?: LoadOptions): Load;
  /** What others did is judged too. The list may grow until the fault has been played. */
  judge(ended: readonly EndedOperation[], servers?: FaultServers): void;
  /** Done when the fault has been judged, the last one first. */
  readonly cleanUps: (() => Promise<unknown>)[];
}

/** What a fault finds out by itself; the rest is judged by the journal. */
export class FaultNotes {
  /** How many operations it really met. */
  struck = 0;
  /** Milliseconds from the first answer of the server to the first of the service after which nothing failed any more. */
  recoveryMs: number | undefined;
  /** The longest that is allowed. */
  recoveryLimitMs = 2_000;
  /** What does not hold beside all that every fault must keep. */
  readonly broken: string[] = [];
  /** Figures of this fault alone. */
  readonly figures: string[] = [];
  /** Errors that the fault may cause; all others break the row. By default any of the package. */
  allowedErrors: RegExp | undefined;

  recovered(ms: number): void {
    this.recoveryMs = Math.max(this.recoveryMs ?? 0, ms);
  }

  expect(holds: boolean, what: string): void {
    if (!holds) this.broken.push(what);
  }
}
