import type { SecondLevelStore } from '../typed/second-level-store.ts';

/** Tables and functions are named as `name`, of the first of the option `schemas`, or as `schema.name`. */
export interface CacheServiceOptions {
  /** Memory for all answers together; the least recently used are dropped. @defaultValue 67_108_864 (64 MiB) */
  readonly maxBytes?: number | undefined;
  /** Milliseconds for which an answer is kept. @defaultValue 60_000 */
  readonly ttlMs?: number | undefined;
  /** Milliseconds after that in which it is still given, while it is read anew. @defaultValue 0 */
  readonly swrMs?: number | undefined;
  /** The same as `ttlMs` for answers without rows, if that is less. @defaultValue 5_000 */
  readonly emptyTtlMs?: number | undefined;
  /** Other times for reads of these tables, views and functions. */
  readonly tables?:
    | {
        readonly [table: string]: {
          readonly ttlMs?: number | undefined;
          readonly swrMs?: number | undefined;
        };
      }
    | undefined;
  /**
   * What functions read and write, whose bodies the database does not tell. Without it answers that depend on such a function are
   * not kept, and calling one that may write drops all answers.
   */
  readonly functions?:
    | {
        readonly [fn: string]: {
          readonly reads?: readonly string[] | undefined;
          readonly writes?: readonly string[] | undefined;
        };
      }
    | undefined;
  /** Tables whose answers all users of a role share. It holds only where no policy or view reads a claim. */
  readonly public?: readonly string[] | undefined;
  /**
   * The claims that decide what a user may see, besides the role: users with the same ones share answers. What depends on
   * others is not kept.
   *
   * @defaultValue all but `iat`, `exp`, `nbf` and `jti`
   */
  readonly claims?: readonly string[] | undefined;
  /**
   * Hears of what other processes change, by the triggers that `cdb cache triggers` writes: on a connection of its own, which
   * is opened with the first read that asks for the cache. Without it others' writes are seen when the time of an answer is over.
   *
   * @defaultValue false
   */
  readonly listen?: boolean | undefined;
  /**
   * Keeps only what depends on tables whose triggers tell of every change, and only while these are heard (`listen`): nothing that
   * somebody else writes can be given longer than it takes to hear of it. For the time in which another service writes to the
   * same tables; `createRollout` asks for it.
   *
   * @defaultValue false
   */
  readonly onlyWatched?: boolean | undefined;
  /** A store that several processes share, asked for what is not in memory. @defaultValue none */
  readonly secondLevel?: SecondLevelOptions | undefined;
}

/** The second level of the cache. What it fails to do is no failure of a call. */
export interface SecondLevelOptions {
  /** Such as `keyvStore(keyv)`. */
  readonly store: SecondLevelStore;
  /**
   * Keys of 32 random bytes, or these in base64, the newest first: it seals, and all of them open. With one, answers of each
   * identity are put into the store, sealed; without, only those that all users of a role share, as they are.
   *
   * @defaultValue []
   */
  readonly encryptionKeys?: readonly (Uint8Array | string)[] | undefined;
  /**
   * Tells databases in one store apart: the same for all processes of one database. Needed for `embedded`, and where processes
   * have different URLs of it.
   *
   * @defaultValue host, port and database of the URL
   */
  readonly namespace?: string | undefined;
  /** Milliseconds that a read waits for the store before it asks the database. @defaultValue 50 */
  readonly timeoutMs?: number | undefined;
}
