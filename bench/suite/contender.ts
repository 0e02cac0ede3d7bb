import type { BenchMode, Target } from '../contender.ts';
import type { Person } from '../notes.ts';

export const CASES = [
  'select',
  'select-again',
  'list',
  'insert',
  'bulk-insert',
  'vector-search',
  'rpc',
  'transaction',
  'page',
] as const;
export type CaseName = (typeof CASES)[number];

/** What each case is, for the reader of tables and plots. */
export const CASE_TEXT: Readonly<Record<CaseName, string>> = {
  select: 'one row by its key',
  'select-again': 'one of 100 rows by its key, again and again; from memory where the contender has a cache',
  list: 'the latest 20 rows of the user',
  insert: 'one row, returned',
  'bulk-insert': '100 rows in one call, their ids returned',
  'vector-search': 'the 10 nearest of all vectors',
  rpc: 'a function that counts the rows of the user',
  transaction: 'read a row, change it, insert another: all or nothing',
  page: 'a row, a list of 20, a count, a search and an insert, as a page of an application needs them',
};

export const CONTENDER_NAMES = [
  'consolidated-db',
  'named-pooled',
  'per-call',
  'postgres.js',
  'pg',
  'drizzle',
  'kysely',
] as const;
export type ContenderName = (typeof CONTENDER_NAMES)[number];

/** Those that a team could use instead. The others are ours in another way. */
export const PEERS: readonly ContenderName[] = ['postgres.js', 'pg', 'drizzle', 'kysely'];

export interface TripKey {
  readonly person: Person;
  readonly id: number;
}

export interface PageQuestion extends TripKey {
  readonly vector: readonly number[];
}

/**
 * One way of doing the same work as an authenticated user under row level security. It holds at most `target.connections`
 * connections, and keeps them.
 */
export interface SuiteContender {
  readonly name: ContenderName;
  /** How it does the work, for the reader. */
  readonly recipe: string;
  /** Whose documentation it follows. */
  readonly source: string;
  /** Without it all modes. */
  readonly modes?: readonly BenchMode[];
  /** Without it all cases. */
  readonly cases?: readonly CaseName[];
  open(target: Target): Promise<SuiteClient>;
}

/** Each answer is what the contender hands to its caller. */
export interface SuiteClient {
  select(key: TripKey): Promise<readonly TripRow[]>;
  /** Where it has a cache, the cache may answer. */
  selectAgain(key: TripKey): Promise<readonly TripRow[]>;
  list(person: Person): Promise<readonly TripRow[]>;
  insert(person: Person, title: string): Promise<readonly TripRow[]>;
  bulkInsert(person: Person, titles: readonly string[]): Promise<number>;
  vectorSearch(person: Person, vector: readonly number[]): Promise<readonly { readonly id: unknown }[]>;
  rpc(person: Person): Promise<number>;
  transaction(key: TripKey, title: string): Promise<readonly TripRow[]>;
  page(question: PageQuestion): Promise<readonly TripRow[]>;
  /** Share of its connections that are in use, from 0 to 1, where it tells. */
  utilization?(): number;
  close(): Promise<void>;
}

export interface TripRow {
  readonly user_id: string;
}
