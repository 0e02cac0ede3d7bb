/**
 * The part of PGlite that this package uses.
 *
 * Its own calls take `_runExclusiveTransaction` first, so holding that keeps them out of our transactions:
 * there is one session, and whatever ran in between would run as our caller.
 */
export interface EmbeddedDatabase {
  execProtocolRaw(bytes: Uint8Array): Promise<Uint8Array>;
  runExclusive<T>(work: () => Promise<T>): Promise<T>;
  _runExclusiveTransaction<T>(work: () => Promise<T>): Promise<T>;
}
