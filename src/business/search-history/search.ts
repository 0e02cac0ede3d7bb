import * as z from 'zod';
import { moment, text, uuid, wholeNumber } from '../input-fields.ts';
import { type Json, type JsonObject, jsonObject } from '../json-object.ts';

/** A search as it is read. */
export interface Search {
  readonly id: number;
  readonly query: string;
  readonly filters: NonNullable<Json>;
  readonly result_count: number;
  /** When it was written, as ISO 8601. */
  readonly searched_at: string;
}

export const SEARCH_COLUMNS = [
  'id',
  'query',
  'filters',
  'result_count',
  'searched_at',
] as const satisfies readonly (keyof Search)[];

/** What many searched for. */
export interface PopularSearch {
  /** In lower case. */
  readonly query: string;
  /** How many different users. */
  readonly users: number;
}

/** A search to be kept. */
export interface NewSearch {
  /** 1 to 1,000 characters; spaces around it are left out. */
  readonly query: string;
  /** A JSON object of at most 2 KiB. @defaultValue {} */
  readonly filters?: JsonObject | undefined;
  /** How many results there were. @defaultValue 0 */
  readonly result_count?: number | undefined;
}

/** What `recent` takes beside the options of a call. */
export interface RecentOptions {
  /** Searches of a page, 1 to 1,000. @defaultValue 20 */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly after?: Partial<Search> | undefined;
}

/** What `popular` takes beside the options of a call. */
export interface PopularOptions {
  /** Searches from this moment on: a `Date`, or ISO 8601. */
  readonly since: Date | string;
  /** 1 to 1,000. @defaultValue 10 */
  readonly limit?: number | undefined;
  /** Only what at least so many different users searched for: 5 to 1,000,000. @defaultValue 5 */
  readonly leastUsers?: number | undefined;
}

/** What `purge` takes beside the options of a call. */
export interface PurgeOptions {
  /** A whole number from 1 to 36,500. */
  readonly olderThanDays: number;
  /** Searches of one statement, 1 to 10,000. @defaultValue 1000 */
  readonly batchSize?: number | undefined;
}

const search = {
  query: text(1, 1_000),
  filters: jsonObject(2_048).exactOptional(),
  result_count: wholeNumber(0, 2_147_483_647).exactOptional(),
};

export const RECORDED_SEARCH = { name: 'a search', fields: z.strictObject(search) };

export const ADDED_SEARCH = {
  name: 'a search',
  fields: z.strictObject({ ...search, user_id: uuid().exactOptional() }),
};

export const RECENT = {
  name: 'a list of searches',
  fields: z.strictObject({ user_id: uuid(), limit: wholeNumber(1, 1_000).exactOptional() }),
};

export const POPULAR = {
  name: 'a list of searches',
  fields: z.strictObject({
    since: moment(),
    limit: wholeNumber(1, 1_000).exactOptional(),
    leastUsers: wholeNumber(5, 1_000_000).exactOptional(),
  }),
};

export const PURGE = {
  name: 'a purge of searches',
  fields: z.strictObject({
    olderThanDays: wholeNumber(1, 36_500),
    batchSize: wholeNumber(1, 10_000).exactOptional(),
  }),
};
