import * as z from 'zod';
import type { Clock } from '../../contract/clock.ts';
import { systemClock } from '../../contract/clock.ts';
import { ConfigurationError } from '../../contract/errors.ts';
import type { CreateDataApiClient } from './data-api-client.ts';

/** A function that searches the vectors of a table, as projects have it for the Data API. */
export interface VectorFunction {
  readonly function: string;
  /** The argument that takes the vector. @defaultValue 'query_embedding' */
  readonly vector?: string | undefined;
  /** The argument that takes the number of rows. @defaultValue 'match_count' */
  readonly limit?: string | undefined;
  /** The argument that takes the smallest similarity. Without it searches have no `similarityThreshold`. */
  readonly threshold?: string | undefined;
  /**
   * The arguments that filter, by column. A search can filter by a plain value of these columns: what is filtered behind the
   * function would silently be fewer rows than asked for.
   */
  readonly filters?: Readonly<Record<string, string>> | undefined;
  /** The column that the function searches. Without it searches name none. */
  readonly column?: string | undefined;
}

/** Options of `createLegacyDatabase`. */
export interface LegacyDatabaseOptions {
  /** `createClient` of supabase-js, version 2.100 or newer. */
  readonly createClient: CreateDataApiClient;
  /** Of the project, such as `https://ref.supabase.co`. */
  readonly url: string;
  /** The publishable (`anon`) key. */
  readonly key: string;
  /** The secret (`service_role`) key, for `as(service())`. Without it that is a `ConfigurationError`. */
  readonly serviceKey?: string | undefined;
  /** An exposed schema. @defaultValue 'public' */
  readonly schema?: string | undefined;
  /**
   * The setting "Max rows" of the Data API, which cuts larger answers silently, or less. A read that would give more rows is
   * an error, as it is over the service's own `maxRows`. @defaultValue 1000
   */
  readonly maxRows?: number | undefined;
  /** Milliseconds for a call. @defaultValue 10000 */
  readonly timeoutMs?: number | undefined;
  /** Functions that search vectors, by the name of the table. */
  readonly vectorSearch?: Readonly<Record<string, VectorFunction>> | undefined;
  /** Names of functions that only read. A lost answer of any other function is an `OutcomeUnknownError`. @defaultValue none */
  readonly readFunctions?: readonly string[] | undefined;
  /** Sends the requests. @defaultValue the global one */
  readonly fetch?: typeof fetch | undefined;
  /** Time, for tests. */
  readonly clock?: Clock | undefined;
}

const text = z.string().min(1);
const MAX_TIMEOUT_MS = 2_147_483_647;

const SCHEMA = z.strictObject({
  createClient: callable<CreateDataApiClient>(),
  url: z.url({ protocol: /^https?$/ }),
  key: text,
  serviceKey: text.optional(),
  schema: text.default('public'),
  maxRows: z.int().positive().default(1000),
  timeoutMs: z.number().positive().max(MAX_TIMEOUT_MS).default(10_000),
  vectorSearch: z
    .record(
      text,
      z.strictObject({
        function: text,
        vector: text.default('query_embedding'),
        limit: text.default('match_count'),
        threshold: text.optional(),
        filters: z.record(text, text).default({}),
        column: text.optional(),
      }),
    )
    .default({}),
  readFunctions: z.array(text).default([]),
  fetch: callable<typeof fetch>().default(() => fetch),
  clock: z
    .custom<Clock>((value) => typeof value === 'object' && value !== null, 'must be an object')
    .default(systemClock),
});

function callable<T extends (...args: never[]) => unknown>(): z.ZodType<T, T> {
  return z.custom<T>((value) => typeof value === 'function', 'must be a function');
}

export type LegacyConfig = z.output<typeof SCHEMA>;
export type VectorFunctionConfig = LegacyConfig['vectorSearch'][string];

/** @throws ConfigurationError `INVALID_OPTION` */
export function parseLegacyOptions(options: LegacyDatabaseOptions): LegacyConfig {
  const parsed = SCHEMA.safeParse(options);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `'${path.join('.')}': ${message}`,
  );
  throw new ConfigurationError(`Options of createLegacyDatabase are invalid. ${faults.join('; ')}.`, {
    code: 'INVALID_OPTION',
  });
}
