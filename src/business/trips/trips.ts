import { NO_OPTIONS } from '../../consolidated/compile/check-options.ts';
import { op } from '../../consolidated/filters/operator.ts';
import type { CacheOption, Recalled } from '../../consolidated/typed/cache-options.ts';
import type { CallOptions } from '../../consolidated/typed/call-options.ts';
import type { IdempotencyOption } from '../../consolidated/typed/idempotency-option.ts';
import { ConflictError, NotFoundError } from '../../contract/errors.ts';
import { checkInput, givenOptions } from '../check-input.ts';
import { createRepository } from '../create-repository.ts';
import { checkId } from '../input-fields.ts';
import type { ModuleHandle } from '../module-handle.ts';
import type { ModuleRead } from '../module-read.ts';
import type { Page, Repository, RepositoryHandle } from '../repository.ts';
import {
  type AlikeTrip,
  COLLABORATOR_COLUMNS,
  type Collaborator,
  type FoundTrip,
  TRIP_COLUMNS,
  type Trip,
} from './trip.ts';
import {
  ALIKE_BY_ID,
  ALIKE_BY_VECTOR,
  NEW_TRIP,
  type NewTrip,
  SHARE,
  TRIP_CHANGES,
  TRIP_LIST,
  TRIP_SEARCH,
  type TripChanges,
} from './trip-input.ts';
import {
  TRIP_OPTIONS,
  type TripLikeness,
  type TripListOptions,
  type TripSearch,
  type UnchangedTrip,
} from './trip-options.ts';
import type { TripsSchema } from './trips-schema.ts';

/**
 * Trips as whoever the handle acts as: their own, those shared with them, and public ones. `createTrips` makes it.
 *
 * An input that breaks a rule is a `ValidationError` that names the fields. A trip that the caller may not see or not change is a
 * `NotFoundError`, like one that does not exist.
 *
 * Nothing is cached by itself. Reads pass the option `cache` on; writes outdate what they change.
 */
export class Trips {
  readonly #handle: RepositoryHandle<TripsSchema>;
  readonly #trips: Repository<TripsSchema, 'trips', 'id'>;
  readonly #collaborators: Repository<TripsSchema, 'trip_collaborators', readonly ['trip_id', 'user_id']>;

  constructor(handle: RepositoryHandle<TripsSchema>) {
    this.#handle = handle;
    this.#trips = createRepository(handle, 'trips');
    this.#collaborators = createRepository(handle, 'trip_collaborators', { key: ['trip_id', 'user_id'] });
  }

  /** The same for another handle: another caller, or an open transaction. */
  with<S>(handle: ModuleHandle<S, TripsSchema>): Trips {
    return new Trips(handle);
  }

  /**
   * Makes a trip of the caller's own. The service names the owner by `owner_id`.
   *
   * @example
   * ```ts
   * const trip = await trips.create({ title: 'Porto by train', starts_on: '2027-05-01', tags: ['train'] });
   * ```
   */
  async create(trip: NewTrip, options: CallOptions & IdempotencyOption = NO_OPTIONS): Promise<Trip> {
    return this.#trips.create(checkInput(NEW_TRIP, trip), {
      ...givenOptions(options, TRIP_OPTIONS.create),
      returning: TRIP_COLUMNS,
    });
  }

  /** The trip, or `undefined` if there is none or the caller may not see it. */
  async find<const Cache extends CacheOption = undefined>(
    id: string,
    options: ModuleRead<Cache> = NO_OPTIONS,
  ): Promise<Recalled<Trip | undefined, Cache>> {
    return this.#trips.find(checkId(id), {
      ...givenOptions(options, TRIP_OPTIONS.find),
      columns: TRIP_COLUMNS,
    });
  }

  /** As `find`, but rejects with `NotFoundError` instead. */
  async get<const Cache extends CacheOption = undefined>(
    id: string,
    options: ModuleRead<Cache> = NO_OPTIONS,
  ): Promise<Recalled<Trip, Cache>> {
    return this.#trips.get(checkId(id), {
      ...givenOptions(options, TRIP_OPTIONS.get),
      columns: TRIP_COLUMNS,
    });
  }

  /**
   * A page of the trips that the caller may see, public ones of others included: name an owner for those of one.
   *
   * @example
   * ```ts
   * const { rows, next } = await trips.list({ owner_id: userId, status: 'booked', limit: 20 });
   * ```
   */
  async list<const Cache extends CacheOption = undefined>(
    given: TripListOptions & ModuleRead<Cache> = {},
  ): Promise<Page<Trip, Recalled<Trip[], Cache>, never>> {
    const { status, owner_id, visibility, tag, order, limit, after, ...options } = givenOptions(
      given,
      TRIP_OPTIONS.list,
    );
    const asked = checkInput(TRIP_LIST, { status, owner_id, visibility, tag, order, limit });
    const { tag: label, order: by, limit: size, ...equal } = asked;
    return this.#trips.list({
      ...options,
      columns: TRIP_COLUMNS,
      filters: { ...equal, ...(label !== undefined && { tags: op.contains([label]) }) },
      orderBy: by === 'newest' ? { column: 'created_at', direction: 'desc' } : 'starts_on',
      limit: size ?? 50,
      after,
    });
  }

  /**
   * Trips whose title or description has the words, the best first: every word as it is, in any language. A word in the title counts
   * more.
   *
   * @example
   * ```ts
   * const found = await trips.search({ text: 'lisbon or porto -bus', limit: 10 });
   * ```
   */
  async search<const Cache extends CacheOption = undefined>(
    given: TripSearch & ModuleRead<Cache>,
  ): Promise<Recalled<FoundTrip[], Cache>> {
    const { text, status, limit, ...options } = givenOptions(given, TRIP_OPTIONS.search);
    const asked = checkInput(TRIP_SEARCH, { text, status, limit });
    return this.#handle.rpc(
      'search_trips',
      {
        query: asked.text,
        max_rows: asked.limit ?? 20,
        ...(asked.status !== undefined && { with_status: asked.status }),
      },
      options,
    );
  }

  /**
   * Trips that are like another one, or near to a vector, the most similar first: by their `embedding`. Trips without one are not
   * found. A trip that the caller may not see, or that has none itself, is a `NotFoundError`.
   *
   * @example
   * ```ts
   * const others = await trips.alike({ id: trip.id, limit: 5 });
   * ```
   */
  async alike<const Cache extends CacheOption = undefined>(
    given: TripLikeness & ModuleRead<Cache>,
  ): Promise<Recalled<AlikeTrip[], Cache>> {
    const { id, vector, limit, similarityThreshold, ...options } = givenOptions(given, TRIP_OPTIONS.alike);
    const asked = { limit, similarityThreshold };
    if (id !== undefined) {
      const { id: near, ...least } = checkInput(ALIKE_BY_ID, { ...asked, id, vector });
      return this.#handle.vectorSearch('trips', {
        ...options,
        ...least,
        near: { id: near },
        columns: TRIP_COLUMNS,
      });
    }
    const nearest = checkInput(ALIKE_BY_VECTOR, { ...asked, vector });
    return this.#handle.vectorSearch('trips', {
      ...options,
      ...nearest,
      columns: TRIP_COLUMNS,
    });
  }

  /**
   * Changes what is named, as the owner or an editor. `visibility` is the owner's: an editor gets an `AuthorizationError`.
   *
   * @example
   * ```ts
   * await trips.change(trip.id, { title: 'Porto by bus' }, { unchanged: { updated_at: trip.updated_at } });
   * ```
   */
  async change(
    id: string,
    changes: TripChanges,
    options: CallOptions & IdempotencyOption & UnchangedTrip = NO_OPTIONS,
  ): Promise<Trip> {
    return this.#trips.update(checkId(id), checkInput(TRIP_CHANGES, changes), {
      ...givenOptions(options, TRIP_OPTIONS.change),
      returning: TRIP_COLUMNS,
    });
  }

  /**
   * Cancels a trip, as the owner or an editor. One that is cancelled already is returned as it is. A completed one has taken
   * place: that is a `ConflictError` of code `TRIP_COMPLETED`.
   */
  async cancel(id: string, options: CallOptions = NO_OPTIONS): Promise<Trip> {
    const [cancelled] = await this.#handle.update(
      'trips',
      { status: 'cancelled' },
      {
        ...givenOptions(options, TRIP_OPTIONS.cancel),
        filters: { id: checkId(id), status: op.in(['planning', 'booked']) },
        returning: TRIP_COLUMNS,
      },
    );
    if (cancelled !== undefined) return cancelled;
    const trip = await this.find(id, options);
    if (trip?.status === 'cancelled') return trip;
    if (trip?.status === 'completed') {
      throw new ConflictError('The trip is completed: it cannot be cancelled.', { code: 'TRIP_COMPLETED' });
    }
    throw new NotFoundError('There is no such trip that the caller may cancel.');
  }

  /** Deletes a trip with its collaborators, as the owner. */
  async remove(id: string, options?: CallOptions & IdempotencyOption & UnchangedTrip): Promise<void> {
    await this.#trips.remove(checkId(id), options);
  }

  /**
   * Lets another user see the trip, or change it too; with another role, changes that. Only the owner may, or the service: anybody
   * else gets an `AuthorizationError`, whether the trip exists or not. A user who does not exist is a `ForeignKeyError`.
   *
   * @example
   * ```ts
   * await trips.share(trip.id, benId, 'editor');
   * ```
   */
  async share(
    id: string,
    userId: string,
    role: Collaborator['role'],
    options: CallOptions & IdempotencyOption = NO_OPTIONS,
  ): Promise<Collaborator> {
    const row = checkInput(SHARE, { trip_id: id, user_id: userId, role });
    return this.#handle.upsert('trip_collaborators', row, {
      ...givenOptions(options, TRIP_OPTIONS.share),
      returning: COLLABORATOR_COLUMNS,
    });
  }

  /** Takes a user off the trip, as the owner or as that user. One who does not share it is a `NotFoundError`. */
  async unshare(id: string, userId: string, options?: CallOptions & IdempotencyOption): Promise<void> {
    const key = { trip_id: checkId(id), user_id: checkId(userId, 'user_id') };
    await this.#collaborators.remove(key, options);
  }

  /** Who shares the trip, by user id; empty where the caller is neither its owner nor one of them. At most 1,000. */
  async collaborators<const Cache extends CacheOption = undefined>(
    id: string,
    options: ModuleRead<Cache> = NO_OPTIONS,
  ): Promise<Recalled<Collaborator[], Cache>> {
    const { rows } = await this.#collaborators.list({
      ...givenOptions(options, TRIP_OPTIONS.collaborators),
      columns: COLLABORATOR_COLUMNS,
      filters: { trip_id: checkId(id) },
      limit: 1_000,
    });
    return rows;
  }
}

/**
 * Trips on a handle: `db`, `db.as(…)`, `db.withToken(…)` or `tx`, of a database with the tables `trips` and `trip_collaborators`
 * of this package's migrations.
 *
 * @example
 * ```ts
 * const trips = createTrips(db.withToken(token));
 * const trip = await trips.create({ title: 'Lisbon' });
 * ```
 */
export function createTrips<S>(handle: ModuleHandle<S, TripsSchema>): Trips {
  return new Trips(handle);
}
