/** Why traffic went back to the legacy service by itself. Names and numbers, never values. */
export interface RolloutTrip {
  /** Tells trips apart. */
  readonly id: string;
  /** When, in ISO 8601. */
  readonly at: string;
  readonly reason: 'errors' | 'slow' | 'differences';
  /** The operation, or `all` of them. */
  readonly operation: string;
  /** The table, view or function, or `all` of them. */
  readonly table: string;
  /** Of `errors` the share that failed, from 0 to 1; of `slow` the p95 in milliseconds; of `differences` their number. */
  readonly consolidated: number;
  readonly legacy: number;
}

/** What a source has. */
export interface StoredRollout {
  /** A `RolloutFlag` as it was found, which is checked by whoever asked. `undefined` where there is none. */
  readonly flag: unknown;
  /** Set by a guard, until somebody takes it away. */
  readonly trip: RolloutTrip | undefined;
}

/**
 * Where the flag is kept: `fileFlag`, `tableFlag`, `openFeatureFlag`, or your own. All processes must have the same.
 *
 * A source keeps nothing itself. It is read again after each change, and several times a second in any case.
 */
export interface FlagSource {
  /** Rejects where the flag cannot be read: then the last one is used for a while. */
  read(): Promise<StoredRollout>;
  /**
   * Calls `changed` when the flag may have changed, until the function that it returns is called. It need not notice all.
   */
  watch?(changed: () => void): () => Promise<void> | void;
  /** Keeps the trip for all processes, unless there is one already. Without it a trip holds in its own process only. */
  trip?(trip: RolloutTrip): Promise<void>;
  /** Takes the trip away. Without it `reset()` only ends the one of its own process. */
  reset?(): Promise<void>;
}
