import { NO_OPTIONS, optionNames } from '../../consolidated/compile/check-options.ts';
import type { CacheOption, Recalled } from '../../consolidated/typed/cache-options.ts';
import type { CallOptions } from '../../consolidated/typed/call-options.ts';
import type { IdempotencyOption } from '../../consolidated/typed/idempotency-option.ts';
import { checkInput, givenOptions } from '../check-input.ts';
import { createRepository } from '../create-repository.ts';
import { checkId } from '../input-fields.ts';
import type { ModuleHandle } from '../module-handle.ts';
import type { ModuleRead } from '../module-read.ts';
import type { Page, Repository, RepositoryHandle } from '../repository.ts';
import {
  ADDED_SEARCH,
  type NewSearch,
  POPULAR,
  type PopularOptions,
  type PopularSearch,
  PURGE,
  type PurgeOptions,
  RECENT,
  type RecentOptions,
  SEARCH_COLUMNS,
  type Search,
} from './search.ts';
import type { SearchHistorySchema } from './search-history-schema.ts';

const ADD = optionNames('add', 'idempotencyKey');
const LIST = optionNames('recent', 'limit', 'after', 'cache');
const AGGREGATE = optionNames('popular', 'since', 'limit', 'leastUsers', 'cache');
const FORGET = optionNames('forget', 'idempotencyKey');
const RETENTION = optionNames('purge', 'olderThanDays', 'batchSize');

/**
 * What users searched for, as whoever the handle acts as: a user has their own searches, the service all. `createSearchHistory`
 * makes it. To record searches without waiting for it, there is `createSearchRecorder`.
 *
 * An input that breaks a rule is a `ValidationError` that names the fields.
 *
 * Nothing is cached by itself. Reads pass the option `cache` on. Every search that is written outdates all answers of the table.
 */
export class SearchHistory {
  readonly #handle: RepositoryHandle<SearchHistorySchema>;
  readonly #searches: Repository<SearchHistorySchema, 'search_history', 'id'>;

  constructor(handle: RepositoryHandle<SearchHistorySchema>) {
    this.#handle = handle;
    this.#searches = createRepository(handle, 'search_history');
  }

  /** The same for another handle: another caller, or an open transaction. */
  with<S>(handle: ModuleHandle<S, SearchHistorySchema>): SearchHistory {
    return new SearchHistory(handle);
  }

  /**
   * Writes a search and waits for it; in a transaction, as part of that. It is the caller's own: the service names the user by
   * `user_id`.
   */
  async add(
    search: NewSearch & { readonly user_id?: string | undefined },
    options: CallOptions & IdempotencyOption = NO_OPTIONS,
  ): Promise<Search> {
    return this.#searches.create(checkInput(ADDED_SEARCH, search), {
      ...givenOptions(options, ADD),
      returning: SEARCH_COLUMNS,
    });
  }

  /**
   * A page of the searches of a user, the latest first; empty where the caller may not see them.
   *
   * @example
   * ```ts
   * const { rows, next } = await history.recent(userId, { limit: 10 });
   * ```
   */
  async recent<const Cache extends CacheOption = undefined>(
    userId: string,
    given: RecentOptions & ModuleRead<Cache> = {},
  ): Promise<Page<Search, Recalled<Search[], Cache>, never>> {
    const { limit, after, ...options } = givenOptions(given, LIST);
    const asked = checkInput(RECENT, { user_id: userId, limit });
    return this.#searches.list({
      ...options,
      columns: SEARCH_COLUMNS,
      filters: { user_id: asked.user_id },
      orderBy: { column: 'searched_at', direction: 'desc' },
      limit: asked.limit ?? 20,
      after,
    });
  }

  /**
   * What most users searched for, whoever they are: in lower case, with the number of different users. What fewer than five users
   * searched for is never told, whatever is asked and whoever asks. Users and the service may.
   *
   * @example
   * ```ts
   * const popular = await history.popular({ since: '2027-05-01T00:00:00Z', limit: 5 });
   * ```
   */
  async popular<const Cache extends CacheOption = undefined>(
    given: PopularOptions & ModuleRead<Cache>,
  ): Promise<Recalled<PopularSearch[], Cache>> {
    const { since, limit, leastUsers, ...options } = givenOptions(given, AGGREGATE);
    const asked = checkInput(POPULAR, { since, limit, leastUsers });
    return this.#handle.rpc(
      'popular_searches',
      { since: asked.since, max_rows: asked.limit ?? 10, least_users: asked.leastUsers ?? 5 },
      options,
    );
  }

  /** Deletes all searches of a user, as that user or the service, and returns how many there were. */
  async forget(userId: string, options: CallOptions & IdempotencyOption = NO_OPTIONS): Promise<number> {
    return this.#handle.delete('search_history', {
      ...givenOptions(options, FORGET),
      filters: { user_id: checkId(userId, 'user_id') },
      returning: false,
    });
  }

  /**
   * Deletes the searches of all users that are older, and returns how many there were. Only the service may: anybody else gets an
   * `AuthorizationError`. Each statement deletes a batch; what an error or an abort leaves, the next call takes.
   *
   * @example
   * ```ts
   * await createSearchHistory(db.as(service())).purge({ olderThanDays: 90 });
   * ```
   */
  async purge(given: PurgeOptions & CallOptions): Promise<number> {
    const { olderThanDays, batchSize, ...options } = givenOptions(given, RETENTION);
    const asked = checkInput(PURGE, { olderThanDays, batchSize });
    const most = asked.batchSize ?? 1_000;
    const batch = { older_than_days: asked.olderThanDays, max_rows: most };
    for (let purged = 0; ; ) {
      const gone = await this.#handle.rpc('purge_searches', batch, {
        ...options,
        writes: ['search_history'],
      });
      purged += gone;
      if (gone < most) return purged;
    }
  }
}

/**
 * The search history on a handle: `db`, `db.as(…)`, `db.withToken(…)` or `tx`, of a database with the table `search_history` of
 * this package's migrations.
 *
 * @example
 * ```ts
 * const history = createSearchHistory(db.withToken(token));
 * const { rows } = await history.recent(claims.sub);
 * ```
 */
export function createSearchHistory<S>(handle: ModuleHandle<S, SearchHistorySchema>): SearchHistory {
  return new SearchHistory(handle);
}
