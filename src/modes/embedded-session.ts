/** The slice of PGlite that this mode stands on. */
export interface EmbeddedDatabase {
  execProtocolRaw(bytes: Uint8Array): Promise<Uint8Array>;
  runExclusive<T>(work: () => Promise<T>): Promise<T>;
}
