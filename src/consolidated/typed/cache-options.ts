/**
 * What a read asks of the cache.
 *
 * The rows of a cached read are frozen, whether they came from the cache or not: others get the same objects.
 */
export interface CacheOptions {
  /**
   * Milliseconds for which the answer is kept, 1 to 86,400,000.
   *
   * @defaultValue that of the table in the service's options, otherwise the service's `cache.ttlMs`
   */
  readonly ttlMs?: number | undefined;
  /**
   * Milliseconds after that in which the old answer is still given, while it is read anew. Writes are not waited for: what
   * they outdate is never given.
   *
   * @defaultValue 0
   */
  readonly swrMs?: number | undefined;
  /** Names by which `db.cache.invalidate({ tags })` finds it. */
  readonly tags?: readonly string[] | undefined;
}

/** The option `cache` of a read. */
export type CacheOption = boolean | CacheOptions | undefined;

/** Of reads. `Cache` is what is given, because it decides whether the rows are frozen. */
export interface CachedReadOption<Cache extends CacheOption = CacheOption> {
  /** Gives an answer that was kept, or keeps it: `true` for as long as the service's options say. @defaultValue false */
  readonly cache?: Cache;
}

/** The answer of a read: frozen where it may be given to others too. */
export type Recalled<Result, Cache extends CacheOption> = [Cache] extends [false | undefined]
  ? Result
  : Frozen<Result>;

/**
 * A value that nobody can change, nor what it holds.
 *
 * Lists have a branch of their own: as mapped types, the compiler would follow recursive json without end.
 */
export type Frozen<T> = T extends readonly unknown[]
  ? number extends T['length']
    ? readonly Frozen<T[number]>[]
    : { readonly [Index in keyof T]: Frozen<T[Index]> }
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;
