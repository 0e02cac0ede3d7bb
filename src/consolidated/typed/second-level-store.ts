/**
 * A store that several processes share, such as Redis. It must give what it has acknowledged last: no reads from a replica.
 * Whatever it throws is no failure of a call.
 */
export interface SecondLevelStore {
  /** The values in the order of the keys, undefined for those that it does not have. */
  getMany(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  /**
   * Resolves when whoever asks from then on gets the value, and rejects where that is not certain.
   *
   * @param ttlMs milliseconds, after which it must not give the value any more
   */
  set(key: string, value: string, ttlMs: number): Promise<void>;
}
