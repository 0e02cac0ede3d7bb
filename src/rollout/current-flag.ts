import type { Clock, Timer } from '../contract/clock.ts';
import { DatabaseError } from '../contract/errors.ts';
import { withinLimits } from '../contract/within-limits.ts';
import type { FlagSource, RolloutTrip, StoredRollout } from './flag-source.ts';
import type { RolloutEvent } from './rollout-event.ts';
import { type ReadFlag, readFlag, type ToldFlag, toldFlag } from './rollout-flag.ts';

interface CurrentFlagParts {
  readonly source: FlagSource;
  readonly clock: Clock;
  readonly pollMs: number;
  /** How long the last flag is used while none can be read. */
  readonly keepLastMs: number;
  readonly tell: (event: RolloutEvent) => void;
  readonly onWarning: (message: string) => void;
}

interface OwnTrip {
  readonly trip: RolloutTrip;
  storedInRound: number | undefined;
}

/** What calls are decided by: a flag, no flag, or `unknown`. */
type KnownFlag = ReadFlag | 'none' | 'unknown';

/**
 * The flag in memory: what a call asks. It is read again and again behind the calls, and after each change that its source
 * notices.
 *
 * Only the answer to the newest question counts, so that a slow answer never undoes a later one.
 */
export class CurrentFlag {
  readonly #parts: CurrentFlagParts;
  #known: ReadFlag | 'none' = 'none';
  /** As text, to notice a change. */
  #text: string | undefined;
  /** When the newest answer was asked for; undefined before the first. */
  #readAt: number | undefined;
  #readability: 'readable' | 'unreadable' | 'unknown' = 'readable';
  #storedTrip: RolloutTrip | undefined;
  /** One of this process which the source has not shown yet. */
  #ownTrip: OwnTrip | undefined;
  #round = 0;
  /** Answers to earlier questions are late. */
  #answered = 0;
  #isReading = false;
  #storing: Promise<void> | undefined;
  #isChanged = false;
  #timer: Timer | undefined;
  #stopWatching: (() => Promise<void> | void) | undefined;
  #isClosed = false;

  constructor(parts: CurrentFlagParts) {
    this.#parts = parts;
  }

  /** Resolves after the first attempt to read. Never rejects. */
  start(): Promise<void> {
    this.#stopWatching = this.#parts.source.watch?.(() => this.#changed());
    return this.#readNow();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#stopWatching?.();
  }

  get known(): KnownFlag {
    if (this.#isClosed) return 'none';
    // A switch that was thrown stays so until a flag says otherwise.
    const isKilled = this.#known !== 'none' && this.#known.isKilled;
    return this.#isTooOld() && !isKilled ? 'unknown' : this.#known;
  }

  /** For whoever looks at it. */
  get flag(): ToldFlag | undefined {
    return this.#known === 'none' ? undefined : toldFlag(this.#known);
  }

  get trip(): RolloutTrip | undefined {
    return this.#ownTrip?.trip ?? this.#storedTrip;
  }

  get readability(): 'readable' | 'unreadable' | 'unknown' {
    return this.#isTooOld() ? 'unknown' : this.#readability;
  }

  /** Holds in this process at once, and in the others as soon as they have read it. */
  tripNow(trip: RolloutTrip): void {
    if (this.trip !== undefined) return;
    this.#ownTrip = { trip, storedInRound: undefined };
    this.#parts.tell({ type: 'tripped', trip, isStored: this.#parts.source.trip !== undefined });
    this.#storeTrip();
  }

  /** Lets traffic return, in all processes. Rejects where the source cannot take the trip away. */
  async reset(): Promise<void> {
    // One that arrives behind the reset would undo it.
    await this.#storing;
    await this.#parts.source.reset?.();
    // What is being read may still have it.
    this.#answered = this.#round;
    this.#storedTrip ??= this.#ownTrip?.trip;
    this.#ownTrip = undefined;
    this.#setStoredTrip(undefined);
    await this.#readNow();
  }

  #isTooOld(): boolean {
    return (
      this.#readability !== 'readable' &&
      this.#readAt !== undefined &&
      this.#parts.clock.now() - this.#readAt > this.#parts.keepLastMs
    );
  }

  #changed(): void {
    if (this.#isClosed) return;
    if (this.#isReading) this.#isChanged = true;
    else void this.#readNow();
  }

  async #readNow(): Promise<void> {
    const { source, clock, pollMs } = this.#parts;
    this.#timer?.cancel();
    this.#round += 1;
    const round = this.#round;
    this.#isReading = true;
    const askedAt = clock.now();
    try {
      // A source that answers late is asked anew: its next answer may say that the switch was thrown.
      const stored = await withinLimits(
        read(source),
        { deadline: askedAt + pollMs * 2, signal: undefined },
        clock,
        'while the flag of the rollout was read',
      );
      if (round > this.#answered) this.#apply(round, stored, askedAt);
    } catch (error) {
      this.#failed(error);
    }
    if (round !== this.#round || this.#isClosed) return;
    this.#isReading = false;
    this.#storeTrip();
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    this.#timer = clock.schedule(() => void this.#readNow(), isChanged ? 0 : pollMs);
  }

  #apply(round: number, stored: StoredRollout, askedAt: number): void {
    this.#answered = round;
    // First: it counts also where the flag beside it is wrong.
    this.#applyTrip(round, stored.trip);
    const known = stored.flag === undefined ? 'none' : readFlag(stored.flag);
    this.#readAt = askedAt;
    this.#known = known;
    if (this.#readability !== 'readable') {
      this.#readability = 'readable';
      this.#parts.tell({ type: 'source', change: 'readable', errorCode: undefined });
    }
    const text = known === 'none' ? undefined : JSON.stringify(known.flag);
    if (text !== this.#text) {
      this.#text = text;
      this.#parts.tell({ type: 'flag', flag: this.flag });
    }
  }

  #applyTrip(round: number, trip: RolloutTrip | undefined): void {
    const own = this.#ownTrip;
    // The source has one, or had ours and lost it to somebody's reset.
    const isSettled = trip !== undefined || (own?.storedInRound !== undefined && round > own.storedInRound);
    if (own !== undefined && isSettled) {
      this.#ownTrip = undefined;
      // It was told when it happened.
      this.#storedTrip ??= own.trip;
    }
    this.#setStoredTrip(trip);
  }

  #setStoredTrip(trip: RolloutTrip | undefined): void {
    const before = this.#storedTrip;
    this.#storedTrip = trip;
    if (this.#ownTrip !== undefined) return;
    if (trip !== undefined && before === undefined)
      this.#parts.tell({ type: 'tripped', trip, isStored: true });
    if (trip === undefined && before !== undefined) this.#parts.tell({ type: 'reset' });
  }

  #failed(error: unknown): void {
    const { tell, onWarning, clock } = this.#parts;
    const errorCode = error instanceof DatabaseError ? error.code : undefined;
    this.#readAt ??= clock.now();
    if (this.#readability === 'readable') {
      this.#readability = 'unreadable';
      tell({ type: 'source', change: 'unreadable', errorCode });
      const why = error instanceof DatabaseError ? error.message : 'its source failed';
      onWarning(`The flag of the rollout cannot be read, and the last one is used: ${why}`);
    } else if (this.#readability === 'unreadable' && this.#isTooOld()) {
      this.#readability = 'unknown';
      tell({ type: 'source', change: 'unknown', errorCode });
    }
  }

  /** Once at a time: a second one that arrives late would undo a reset. */
  #storeTrip(): void {
    const own = this.#ownTrip;
    if (own === undefined || own.storedInRound !== undefined) return;
    this.#storing ??= this.#store(own).finally(() => {
      this.#storing = undefined;
    });
  }

  async #store(own: OwnTrip): Promise<void> {
    const { source, onWarning } = this.#parts;
    if (source.trip === undefined) return;
    try {
      await source.trip(own.trip);
      own.storedInRound = this.#round;
      this.#changed();
    } catch {
      // It is stored with the next reading. Traffic of this process has gone back already.
      onWarning('The trip of the rollout could not be stored yet: other processes do not know of it.');
    }
  }
}

/** Also where it throws at once. */
async function read(source: FlagSource): Promise<StoredRollout> {
  return source.read();
}
