import type { Target } from '../contender.ts';
import type { Person } from '../notes.ts';
import type { TableName } from './search-set.ts';

/** Ours under `balanced` and `fast`, and what people write themselves. */
export const VECTOR_CONTENDERS = [
  'balanced',
  'fast',
  'plain pgvector',
  'match_documents',
  'iterative ef 100',
  'iterative ef 400',
  'exact',
] as const;
export type VectorContenderName = (typeof VECTOR_CONTENDERS)[number];

/** A search as a user under row level security. */
export interface Search {
  readonly table: TableName;
  readonly person: Person;
  readonly vector: readonly number[];
  readonly limit: number;
}

export interface FoundRow {
  /** Some drivers give a `bigint` as text. */
  readonly id: number | string;
  readonly owner: string;
  readonly similarity: number;
}

/** One way of finding the nearest rows. Holds at most `target.connections` connections, and keeps them. */
export interface VectorContender {
  readonly name: VectorContenderName;
  /** How it does the job, for the reader of the table. */
  readonly recipe: string;
  open(target: Target): Promise<OpenSearch>;
}

export interface OpenSearch {
  /** Nearest first. */
  search(search: Search): Promise<readonly FoundRow[]>;
  /** How that search is made: `hnsw`, `owner index`, `scan`, or what ours tells of it; '' where it cannot be told. */
  plan(search: Search): Promise<string>;
  close(): Promise<void>;
}
