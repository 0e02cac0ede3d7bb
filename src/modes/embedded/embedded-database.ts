/**
 * The slice of PGlite that this package stands on.
 *
 * Its own calls take `_runExclusiveTransaction` first, so holding that keeps them out of a transaction of
 * ours: there is one session, and whatever ran in between would run as our caller.
 */
export interface EmbeddedDatabase {
  execProtocolRaw(bytes: Uint8Array): Promise<Uint8Array>;
  runExclusive<T>(work: () => Promise<T>): Promise<T>;
  _runExclusiveTransaction<T>(work: () => Promise<T>): Promise<T>;
}
