import type { CacheDefaults } from './cache-request.ts';
import type { Declarations } from './declarations.ts';

/** What the options say of the cache. */
export interface CacheSettings extends CacheDefaults {
  /** By `schema.name`, instead of those above. */
  readonly tables: ReadonlyMap<string, { readonly [Name in keyof CacheDefaults]?: number | undefined }>;
  readonly functions: Declarations;
  /** Tables whose rows all users of a role share. */
  readonly publicTables: ReadonlySet<string>;
  /** Claims that tell users apart; undefined where all do. */
  readonly claims: readonly string[] | undefined;
  /** Keeps only what depends on tables that tell of their changes. */
  readonly onlyWatched: boolean;
}
