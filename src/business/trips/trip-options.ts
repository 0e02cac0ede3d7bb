import { type KnownOptions, optionNames } from '../../consolidated/compile/check-options.ts';
import type { UnchangedValues } from '../../consolidated/typed/write-options.ts';
import type { Trip } from './trip.ts';

/** What `list` takes beside the options of a call. */
export interface TripListOptions {
  readonly status?: Trip['status'] | undefined;
  readonly owner_id?: string | undefined;
  readonly visibility?: Trip['visibility'] | undefined;
  /** Trips that have this tag. */
  readonly tag?: string | undefined;
  /** By the day on which they start, those without one last; or the latest made first. @defaultValue 'starts_on' */
  readonly order?: 'starts_on' | 'newest' | undefined;
  /** Trips of a page, 1 to 1,000. @defaultValue 50 */
  readonly limit?: number | undefined;
  /** `next` of the page before, with the same `order`. */
  readonly after?: Partial<Trip> | undefined;
}

/** What `search` takes beside the options of a call. */
export interface TripSearch {
  /** Words, "phrases", `or`, and `-` before what must not be in it: 1 to 1,000 characters. */
  readonly text: string;
  readonly status?: Trip['status'] | undefined;
  /** 1 to 1,000. @defaultValue 20 */
  readonly limit?: number | undefined;
}

/** What `alike` takes beside the options of a call. */
export type TripLikeness = (
  | { /** The trip that others are to be like. */ readonly id: string; readonly vector?: never }
  | { /** 16 finite numbers. */ readonly vector: readonly number[]; readonly id?: never }
) & {
  /** 1 to 1,000. @defaultValue 10 */
  readonly limit?: number | undefined;
  /** Leaves out trips that are less similar: -1 to 1. */
  readonly similarityThreshold?: number | undefined;
};

/** Of writes. */
export interface UnchangedTrip {
  /** Values that the trip had when it was read, such as `{ updated_at }`: if it no longer has them, it is a `ConflictError`. */
  readonly unchanged?: UnchangedValues<Trip>;
}

/** The options that each method knows. */
export const TRIP_OPTIONS = {
  create: optionNames('create', 'idempotencyKey'),
  find: optionNames('find', 'cache'),
  get: optionNames('get', 'cache'),
  list: optionNames('list', 'status', 'owner_id', 'visibility', 'tag', 'order', 'limit', 'after', 'cache'),
  search: optionNames('search', 'text', 'status', 'limit', 'cache'),
  alike: optionNames('alike', 'id', 'vector', 'limit', 'similarityThreshold', 'cache'),
  change: optionNames('change', 'unchanged', 'idempotencyKey'),
  cancel: optionNames('cancel'),
  share: optionNames('share', 'idempotencyKey'),
  collaborators: optionNames('collaborators', 'cache'),
} satisfies Record<string, KnownOptions>;
