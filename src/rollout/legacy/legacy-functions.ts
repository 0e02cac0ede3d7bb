import { checkOptions, ownOptions, wholeNumber } from '../../consolidated/compile/check-options.ts';
import { Operator } from '../../consolidated/filters/operator.ts';
import { encodeVector } from '../../consolidated/values/encode-vector.ts';
import { isPlainObject } from '../../consolidated/values/plain-object.ts';
import { UsageError, ValidationError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import { bodyObject } from './body-values.ts';
import { knownOptions, refuseCache } from './known-options.ts';
import type { VectorFunctionConfig } from './legacy-options.ts';
import { type LegacyCalls, rowsOf, selectedColumns, tooManyRows } from './legacy-reads.ts';
import type { GivenLimits } from './sent-query.ts';
import type { Access } from './sql-state-errors.ts';
import { pathName } from './url-names.ts';

const RPC = knownOptions('rpc');
const SEARCH = knownOptions(
  'vectorSearch',
  'vector',
  'column',
  'limit',
  'similarityThreshold',
  'filters',
  'columns',
  'cache',
);
const DEFAULT_LIMIT = 10;

export async function legacyRpc(
  { client, sender, maxRows }: LegacyCalls,
  name: string,
  args: unknown,
  options: GivenLimits,
  access: Access,
): Promise<unknown> {
  checkOptions(options, RPC);
  const body = bodyObject(args, 'The arguments of rpc', 'argument');
  const describe = () => client.rpc(pathName('function', name), body as never);
  const limits = sender.limits(ownOptions(options));
  const { data, status, rows } = await sender.send(describe(), access, limits);
  if (rows === maxRows && Array.isArray(data) && data.length === maxRows) {
    // What writes is not called again to find out whether there were more rows.
    if (access === 'write') throw tooManyRows(maxRows, 'applied');
    const further = await sender.send(describe().range(maxRows, maxRows), access, limits);
    if (rowsOf(further).length > 0) throw tooManyRows(maxRows);
  }
  // That of a function that returns void, where `null` is a value.
  return status === 204 ? undefined : data;
}

export interface LegacySearchOptions extends GivenLimits {
  readonly vector?: unknown;
  readonly column?: unknown;
  readonly limit?: unknown;
  readonly similarityThreshold?: unknown;
  readonly filters?: unknown;
  readonly columns?: unknown;
  readonly cache?: unknown;
}

/** Rows nearest to a vector, by the function that the options name for the table. */
export async function legacySearch(
  { client, sender, maxRows }: LegacyCalls,
  table: string,
  given: LegacySearchOptions,
  fn: VectorFunctionConfig | undefined,
): Promise<unknown> {
  checkOptions(given, SEARCH);
  const options = ownOptions(given);
  refuseCache(options);
  if (fn === undefined) {
    throw new UsageError(
      `The Data API searches vectors by functions, and the option 'vectorSearch' of createLegacyDatabase names none for "${table}".`,
      { code: 'NOT_OVER_DATA_API' },
    );
  }
  if (options.column !== undefined && options.column !== fn.column) {
    throw new UsageError(`The function "${fn.function}" searches another column of "${table}".`, {
      code: 'NOT_OVER_DATA_API',
    });
  }
  const limit = wholeNumber(options.limit ?? DEFAULT_LIMIT, 'limit', 1, ValidationError);
  if (limit > maxRows) {
    throw new ValidationError(`The option 'limit' must be at most ${maxRows}. It was ${limit}.`);
  }
  const args = {
    [fn.vector]: queryVector(options.vector),
    [fn.limit]: limit,
    ...thresholdArgument(options.similarityThreshold, fn),
    ...filterArguments(options, fn),
  };
  const body = bodyObject(args, 'The arguments of rpc', 'argument');
  const columns = options.columns === undefined ? '*' : `${selectedColumns(options.columns)},"similarity"`;
  const query = client.rpc(pathName('function', fn.function), body as never).select(columns);
  return rowsOf(await sender.send(query, 'read', sender.limits(options)));
}

function queryVector(vector: unknown): string {
  const isVector = Array.isArray(vector) || vector instanceof Float32Array || vector instanceof Float64Array;
  if (isVector) return encodeVector(vector, undefined, "The option 'vector'");
  throw new ValidationError("The option 'vector' must be an array of numbers.");
}

function thresholdArgument(threshold: unknown, fn: VectorFunctionConfig): Readonly<Record<string, unknown>> {
  if (threshold === undefined) return {};
  if (typeof threshold !== 'number' || !Number.isFinite(threshold)) {
    throw new ValidationError("The option 'similarityThreshold' must be a finite number.");
  }
  if (fn.threshold !== undefined) return { [fn.threshold]: threshold };
  throw new UsageError(`The function "${fn.function}" has no argument for the smallest similarity.`, {
    code: 'NOT_OVER_DATA_API',
    hint: "Name it as 'threshold' in the option 'vectorSearch' of createLegacyDatabase.",
  });
}

/** A filter behind the function would silently leave fewer rows than asked for, so only its arguments filter. */
function filterArguments(
  options: LegacySearchOptions,
  fn: VectorFunctionConfig,
): Readonly<Record<string, unknown>> {
  if (!Object.hasOwn(options, 'filters')) return {};
  const { filters } = options;
  if (!isPlainObject(filters)) throw unfilterable(fn, 'conditions across columns');
  const args: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(filters)) {
    const argument = own(fn.filters, column);
    const isPlain = value !== undefined && value !== null && Operator.read(value) === undefined;
    if (argument === undefined || !isPlain || Array.isArray(value)) throw unfilterable(fn, `"${column}"`);
    args[argument] = value;
  }
  return args;
}

function unfilterable(fn: VectorFunctionConfig, what: string): UsageError {
  const columns = Object.keys(fn.filters).map((column) => `"${column}"`);
  return new UsageError(
    `The function "${fn.function}" cannot filter by ${what}. ${columns.length === 0 ? 'It has no arguments that filter' : `It filters by plain values of ${columns.join(', ')}`}.`,
    {
      code: 'NOT_OVER_DATA_API',
      hint: "Name its arguments as 'filters' in the option 'vectorSearch' of createLegacyDatabase.",
    },
  );
}
