import type { Entrant } from '../../src/bench/rounds.ts';
import type { BenchMode, Target } from '../contender.ts';
import type { Person } from '../notes.ts';
import type { Group, PlotName } from './group.ts';
import type { Questions } from './world.ts';

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
  'prisma',
  'supabase-server',
  'supabase-js',
  'raw-socket',
  'pgbench',
] as const;
export type ContenderName = (typeof CONTENDER_NAMES)[number];

/**
 * Those that a team could use instead, on the same database. Of the others some are ours in another way, some are limits, and
 * supabase-js works where its Data API is.
 */
export const PEERS: readonly ContenderName[] = [
  'postgres.js',
  'pg',
  'drizzle',
  'kysely',
  'prisma',
  'supabase-server',
];

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
export type SuiteContender = ClientContender | Limit;

/** What a team could write its application with. */
export interface ClientContender extends ContenderFacts {
  open(target: Target): Promise<SuiteClient>;
}

/** What shows how fast it could be at most: no client of an application, but the same work for the server. */
export interface Limit extends ContenderFacts {
  /** Rejects unless it reads own rows only. */
  enter(group: Group, target: Target, questions: Questions): Promise<OpenEntrant>;
}

/** A contender while a group is measured. */
export interface OpenEntrant extends Entrant {
  readonly name: ContenderName;
  close(): Promise<void>;
}

interface ContenderFacts {
  readonly name: ContenderName;
  /** How it does the work, for the reader. */
  readonly recipe: string;
  /** Whose documentation it follows. */
  readonly source: string;
  /** Without it all modes. */
  readonly modes?: readonly BenchMode[];
  /** Without it all cases. */
  readonly cases?: readonly CaseName[];
  /** Without it all plots. */
  readonly plots?: readonly PlotName[];
  /** Why it cannot take part here, and what brings it. Without it, or where it answers undefined, it can. */
  missing?(): string | undefined;
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
