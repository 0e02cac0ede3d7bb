import { NO_OPTIONS, optionNames } from '../../consolidated/compile/check-options.ts';
import { op } from '../../consolidated/filters/operator.ts';
import type {
  CachedReadOption,
  CacheOption,
  Frozen,
  Recalled,
} from '../../consolidated/typed/cache-options.ts';
import type { CallOptions } from '../../consolidated/typed/call-options.ts';
import type { IdempotencyOption } from '../../consolidated/typed/idempotency-option.ts';
import type { UnchangedValues } from '../../consolidated/typed/write-options.ts';
import { NotFoundError } from '../../contract/errors.ts';
import { checkInput, givenOptions } from '../check-input.ts';
import { createRepository } from '../create-repository.ts';
import { checkId } from '../input-fields.ts';
import type { Json, JsonObject } from '../json-object.ts';
import type { ModuleHandle } from '../module-handle.ts';
import type { ModuleRead } from '../module-read.ts';
import type { Page, Repository, RepositoryHandle } from '../repository.ts';
import { PROFILE_COLUMNS, type Profile, type RemovedUser } from './profile.ts';
import {
  NEW_PROFILE,
  type NewProfile,
  PREFERENCES,
  PROFILE_CHANGES,
  type ProfileChanges,
  USER_LIST,
  type UserListOptions,
} from './profile-input.ts';
import type { UsersSchema } from './users-schema.ts';

const CREATE = optionNames('create', 'idempotencyKey');
const FIND = optionNames('find', 'cache');
const GET = optionNames('get', 'cache');
const LIST = optionNames('list', 'search', 'limit', 'after', 'cache');
const CHANGE = optionNames('change', 'unchanged', 'idempotencyKey');
const READ = optionNames('preferences', 'cache');
const MERGE = optionNames('changePreferences', 'idempotencyKey');
const REMOVE = optionNames('remove', 'idempotencyKey');

/**
 * Users as whoever the handle acts as: a user has the profile of their own and sees those of the people on the same trips; the
 * service has all. `createUsers` makes it.
 *
 * An input that breaks a rule is a `ValidationError` that names the fields. A profile that the caller may not see or not change is a
 * `NotFoundError`, like one that does not exist. A username or an email that is taken is a `UniqueConstraintError` with `field`.
 *
 * Nothing is cached by itself. Reads pass the option `cache` on; writes outdate what they change.
 */
export class Users {
  readonly #handle: RepositoryHandle<UsersSchema>;
  readonly #profiles: Repository<UsersSchema, 'profiles', 'id'>;

  constructor(handle: RepositoryHandle<UsersSchema>) {
    this.#handle = handle;
    this.#profiles = createRepository(handle, 'profiles');
  }

  /** The same for another handle: another caller, or an open transaction. */
  with<S>(handle: ModuleHandle<S, UsersSchema>): Users {
    return new Users(handle);
  }

  /**
   * Makes the profile of a user who exists in `auth.users`, as that user or as the service.
   *
   * @example
   * ```ts
   * await users.create({ id: claims.sub, username: 'ana', email: 'ana@example.com' });
   * ```
   */
  async create(profile: NewProfile, options: CallOptions & IdempotencyOption = NO_OPTIONS): Promise<Profile> {
    return this.#profiles.create(checkInput(NEW_PROFILE, profile), {
      ...givenOptions(options, CREATE),
      returning: PROFILE_COLUMNS,
    });
  }

  /** The profile, or `undefined` if there is none or the caller may not see it. */
  async find<const Cache extends CacheOption = undefined>(
    id: string,
    options: ModuleRead<Cache> = NO_OPTIONS,
  ): Promise<Recalled<Profile | undefined, Cache>> {
    return this.#profiles.find(checkId(id), { ...givenOptions(options, FIND), columns: PROFILE_COLUMNS });
  }

  /** As `find`, but rejects with `NotFoundError` instead. */
  async get<const Cache extends CacheOption = undefined>(
    id: string,
    options: ModuleRead<Cache> = NO_OPTIONS,
  ): Promise<Recalled<Profile, Cache>> {
    return this.#profiles.get(checkId(id), { ...givenOptions(options, GET), columns: PROFILE_COLUMNS });
  }

  /**
   * A page of the profiles that the caller may see, the latest made first: for the service, to look after its users.
   *
   * @example
   * ```ts
   * const { rows, next } = await createUsers(db.as(service())).list({ search: '@example.com', limit: 20 });
   * ```
   */
  async list<const Cache extends CacheOption = undefined>(
    given: UserListOptions & ModuleRead<Cache> = {},
  ): Promise<Page<Profile, Recalled<Profile[], Cache>, never>> {
    const { search, limit, after, ...options } = givenOptions(given, LIST);
    const asked = checkInput(USER_LIST, { search, limit });
    const like =
      asked.search === undefined ? undefined : op.ilike(`%${asked.search.replace(/[\\%_]/g, '\\$&')}%`);
    return this.#profiles.list({
      ...options,
      columns: PROFILE_COLUMNS,
      ...(like !== undefined && { filters: [op.or({ username: like }, { email: like })] }),
      orderBy: { column: 'created_at', direction: 'desc' },
      limit: asked.limit ?? 50,
      after,
    });
  }

  /** Changes what is named, as the user or the service. */
  async change(
    id: string,
    changes: ProfileChanges,
    options: CallOptions &
      IdempotencyOption & {
        /** Values that the profile had when it was read: if it no longer has them, it is a `ConflictError`. */
        readonly unchanged?: UnchangedValues<Profile>;
      } = NO_OPTIONS,
  ): Promise<Profile> {
    return this.#profiles.update(checkId(id), checkInput(PROFILE_CHANGES, changes), {
      ...givenOptions(options, CHANGE),
      returning: PROFILE_COLUMNS,
    });
  }

  /** The preferences: a JSON object. `NotFoundError` where the caller may not see the profile. */
  async preferences(
    id: string,
    options: CallOptions & CachedReadOption = NO_OPTIONS,
  ): Promise<Frozen<NonNullable<Json>>> {
    const row = await this.#profiles.get(checkId(id), {
      ...givenOptions(options, READ),
      columns: ['preferences'],
    });
    return row.preferences;
  }

  /**
   * Changes some preferences and returns all of them. It is a merge in the database, key by key of the first level, so two writers
   * of different keys do not undo one another. `null` removes a key. All together may have 64 KiB: more is a `CheckError`.
   *
   * @example
   * ```ts
   * await users.changePreferences(userId, { units: 'metric', theme: null });
   * ```
   */
  async changePreferences(
    id: string,
    patch: JsonObject,
    options: CallOptions & IdempotencyOption = NO_OPTIONS,
  ): Promise<NonNullable<Json>> {
    const checked = checkInput(PREFERENCES, { id, patch });
    const changed = await this.#handle.rpc(
      'change_preferences',
      { user_id: checked.id, patch: checked.patch },
      { ...givenOptions(options, MERGE), writes: ['profiles'] },
    );
    if (changed === null) throw new NotFoundError('There is no such profile that the caller may change.');
    return changed;
  }

  /**
   * Removes the user from `auth.users`, with the profile and all that belongs to it, and says what that was. The service may remove
   * anyone, a user only themselves: anyone else is a `NotFoundError`.
   *
   * A token of the user stays valid until it expires, and finds nothing. Files in Supabase's storage stay.
   *
   * @example
   * ```ts
   * const gone = await createUsers(db.withToken(token)).remove(claims.sub); // { trips: 3, collaborations: 1, … }
   * ```
   */
  async remove(id: string, options: CallOptions & IdempotencyOption = NO_OPTIONS): Promise<RemovedUser> {
    const [removed] = await this.#handle.rpc(
      'remove_user',
      { user_id: checkId(id) },
      { ...givenOptions(options, REMOVE), writes: ['profiles'] },
    );
    if (removed === undefined) throw new NotFoundError('There is no such user whom the caller may remove.');
    return removed;
  }
}

/**
 * Users on a handle: `db`, `db.as(…)`, `db.withToken(…)` or `tx`, of a database with the table `profiles` of this package's
 * migrations.
 *
 * @example
 * ```ts
 * const users = createUsers(db.withToken(token));
 * await users.change(claims.sub, { display_name: 'Ana' });
 * ```
 */
export function createUsers<S>(handle: ModuleHandle<S, UsersSchema>): Users {
  return new Users(handle);
}
