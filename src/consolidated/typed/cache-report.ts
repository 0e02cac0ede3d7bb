/** Why answers to a statement are kept or not, for the identity that asks. */
export type CacheReport =
  | {
      readonly cacheable: true;
      /** Tables whose change outdates the answer, as `schema.name`, those of views and policies included. */
      readonly dependsOn: readonly string[];
      /** Who may be given the same answer: those with the same role and claims, or all of the role. */
      readonly sharedBy: 'identity' | 'role';
      /** Unless the call says otherwise. */
      readonly ttlMs: number;
      readonly swrMs: number;
    }
  | {
      readonly cacheable: false;
      readonly reason: string;
      /** What it is that keeps the answer from being kept. */
      readonly what: string | undefined;
      readonly hint: string | undefined;
      /** What the statement itself outdates, where it writes. */
      readonly outdates: readonly string[] | 'everything';
    };

/**
 * Why answers were outdated.
 *
 * - `write`: a write through this service. The catalog tells what it changes, with cascades.
 * - `declared`: raw SQL, or a function that may write, which says what it changes.
 * - `everything`: a write that does not say. All answers were dropped.
 * - `unknown outcome`: a write of which nobody knows whether it was applied.
 * - `other process`: one that another process has committed, or a migration.
 * - `listener away`: it was not possible to hear of others for a while. All answers were dropped, before and after the catalog was
 *   read, so that each gap counts twice.
 * - `by hand`: `invalidate` and `flush`.
 */
export type InvalidationCause =
  | 'write'
  | 'declared'
  | 'everything'
  | 'unknown outcome'
  | 'other process'
  | 'listener away'
  | 'by hand';

/** What the second level did since the service was made. */
export interface SecondLevelStats {
  /** Answers that came from it: each is a miss of the memory of this process. */
  readonly hits: number;
  /** Answers that it did not have, or that were outdated. */
  readonly misses: number;
  /** Entries that were not written with one of the keys for the place where they stood. */
  readonly rejected: number;
  /** Answers that were put there. */
  readonly kept: number;
  /** Times that the store failed, or did not answer in time. */
  readonly failures: number;
  /** False while calls go on without it. */
  readonly working: boolean;
}

/** What the cache holds and did since the service was made. */
export interface CacheStats {
  readonly entries: number;
  /** Of memory, about. */
  readonly bytes: number;
  readonly maxBytes: number;
  readonly hits: number;
  /** Answers that were older than their time, given while they were read anew. */
  readonly stale: number;
  /** Answers of another call that read the same at the same time. */
  readonly shared: number;
  /** Calls whose answer was not in memory. */
  readonly misses: number;
  /** Calls that asked for the cache and whose answers are never kept, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Dropped for want of room. */
  readonly evictions: number;
  /** How often something was outdated, by cause; whether or not an answer depended on it. */
  readonly invalidations: Readonly<Record<InvalidationCause, number>>;
  /**
   * Whether every change that other processes commit from now on is heard of. Undefined without the option `cache.listen`, and
   * before the first read that asks for the cache.
   */
  readonly listening: boolean | undefined;
  /** The option `cache.onlyWatched`. */
  readonly onlyWatched: boolean;
  /** Undefined without the option `cache.secondLevel`. */
  readonly secondLevel: SecondLevelStats | undefined;
}

/** The cache of a service. Writes through the service outdate what they change by themselves. */
export interface CacheControl {
  /**
   * For what was changed past the service: whatever depends on these tables, or has one of these tags, is read anew.
   *
   * @example
   * ```ts
   * db.cache.invalidate({ tables: ['trips'] });
   * ```
   */
  invalidate(of: { readonly tables?: readonly string[]; readonly tags?: readonly string[] }): void;
  /** Drops everything. */
  flush(): void;
  stats(): CacheStats;
}
