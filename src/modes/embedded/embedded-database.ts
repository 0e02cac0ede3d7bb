/**
 * The part of PGlite that this package uses.
 *
 * Its own calls take `_runExclusiveTransaction` first, so holding that keeps them out of our transactions:
 * there is one session, and whatever ran in between would run as our caller.
 */
export interface EmbeddedDatabase {
  /**
   * May take the memory of the bytes along. Not `execProtocolRaw`: PGlite parses what that answers too, and keeps
   * every row of it until another method is called.
   */
  execProtocol(
    bytes: Uint8Array,
    options: { readonly throwOnError: false },
  ): Promise<{ readonly data: Uint8Array }>;
  /** Runs `work` when no other statement runs, and lets none run meanwhile. */
  runExclusive<T>(work: () => Promise<T>): Promise<T>;
  /** Runs `work` when no transaction of PGlite's own methods is open, and lets none begin meanwhile. */
  _runExclusiveTransaction<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Calls back when the database ends by itself, until the function that it returns is called. PGlite in this
   * thread does not end by itself and has no such method.
   */
  onEnd?(callback: (cause: Error) => void): () => void;
}
