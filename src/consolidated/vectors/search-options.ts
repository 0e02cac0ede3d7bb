import { UsageError, ValidationError } from '../../contract/errors.ts';
import { checkOptions, flag, oneOf, optionNames, ownOptions, wholeNumber } from '../compile/check-options.ts';
import type { JsonPath } from '../filters/path.ts';
import { SEARCH_RECALLS, type SearchRecall } from './search-tuning.ts';
import type { VectorMetric } from './vector-metric.ts';

export interface VectorSearchOptions {
  /** Default: the only vector or halfvec column. */
  readonly column?: string | undefined;
  readonly vector?: ArrayLike<number> | string | undefined;
  /** Several, in place of one: a search for each. */
  readonly vectors?: readonly unknown[] | undefined;
  /** A row, by a unique key, whose vector is compared with. */
  readonly near?: Readonly<Record<string, unknown>> | undefined;
  /** @defaultValue 'cosine' */
  readonly metric?: VectorMetric | undefined;
  /** @defaultValue 10 */
  readonly limit?: number | undefined;
  /** Rows below it are left out, and are not replaced by others. */
  readonly similarityThreshold?: number | undefined;
  readonly filters?: unknown;
  readonly columns?: readonly (string | JsonPath)[] | undefined;
  /** @defaultValue 'balanced' */
  readonly recall?: SearchRecall | undefined;
  /** `true` is the recall `exact`. */
  readonly exact?: boolean | undefined;
  /** Candidates that an HNSW index keeps, from 1 to 1000. Default: by `limit`, `recall` and what earlier searches showed. */
  readonly efSearch?: number | undefined;
  /** @defaultValue false */
  readonly info?: boolean | undefined;
}

const SEARCH_OPTIONS = optionNames(
  'vectorSearch',
  'column',
  'vector',
  'vectors',
  'near',
  'metric',
  'limit',
  'similarityThreshold',
  'filters',
  'columns',
  'recall',
  'exact',
  'efSearch',
  'info',
  'cache',
);

const DEFAULT_LIMIT = 10;
const MAX_VECTORS = 100;
const MAX_EF_SEARCH = 1000;

/** The searches that one call asks for, each by one vector or one row. */
export function searchesOf(options: VectorSearchOptions): readonly VectorSearchOptions[] {
  checkOptions(options, SEARCH_OPTIONS);
  const { vector, near, vectors, ...others } = options;
  const given = [vector, near, vectors].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new UsageError("vectorSearch needs exactly one of the options 'vector', 'near' and 'vectors'.");
  }
  if (vectors === undefined) return [options];
  if (!Array.isArray(vectors) || vectors.length === 0 || vectors.length > MAX_VECTORS) {
    throw new ValidationError(`The option 'vectors' must be an array of 1 to ${MAX_VECTORS} vectors.`);
  }
  // Not by `map`, which passes over holes.
  return Array.from(vectors, (one) => ownOptions({ ...others, vector: one as number[] }));
}

export function readLimit(limit: unknown, maxRows: number): number {
  return Math.min(wholeNumber(limit ?? DEFAULT_LIMIT, 'limit', 1, ValidationError), maxRows + 1);
}

export function readRecall(options: VectorSearchOptions): SearchRecall {
  const recall = oneOf(options.recall, 'recall', SEARCH_RECALLS);
  if (!flag(options.exact, 'exact')) return recall ?? 'balanced';
  if (recall === undefined || recall === 'exact') return 'exact';
  throw new UsageError(`The options 'exact' and 'recall' contradict each other: recall was ${recall}.`);
}

/** Checked here: before the library is loaded, the server accepts any value and only warns later. */
export function readEfSearch(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const efSearch = wholeNumber(value, 'efSearch', 1);
  if (efSearch > MAX_EF_SEARCH) {
    throw new UsageError(
      `The option 'efSearch' must be a whole number from 1 to ${MAX_EF_SEARCH}. It was ${efSearch}.`,
    );
  }
  return efSearch;
}
