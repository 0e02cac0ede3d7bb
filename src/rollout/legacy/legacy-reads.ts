import { checkOptions, oneOf, ownOptions, wholeNumber } from '../../consolidated/compile/check-options.ts';
import { isPlainObject } from '../../consolidated/values/plain-object.ts';
import {
  NotFoundError,
  type Outcome,
  UnreadableDataError,
  UsageError,
  ValidationError,
} from '../../contract/errors.ts';
import type { DataApiClient, DataApiQuery } from './data-api-client.ts';
import { filterTree } from './filter-tree.ts';
import { knownOptions, refuseCache } from './known-options.ts';
import type { GivenLimits, QueryAnswer, QuerySender, SendLimits } from './sent-query.ts';
import { pathName, quotedColumn } from './url-names.ts';

/** What the calls of one caller share. */
export interface LegacyCalls {
  readonly client: DataApiClient;
  readonly sender: QuerySender;
  readonly maxRows: number;
}

export interface LegacyReadOptions extends GivenLimits {
  readonly columns?: unknown;
  readonly filters?: unknown;
  readonly orderBy?: unknown;
  readonly limit?: unknown;
  readonly offset?: unknown;
  readonly count?: unknown;
  readonly cache?: unknown;
}

const SELECT = knownOptions('select', 'columns', 'filters', 'orderBy', 'limit', 'offset', 'count', 'cache');
const SINGLE = knownOptions('selectOne and selectMaybe', 'columns', 'filters', 'cache');
const COUNT = knownOptions('count', 'filters', 'cache');

export async function legacySelect(
  calls: LegacyCalls,
  table: string,
  given: LegacyReadOptions,
): Promise<unknown> {
  checkOptions(given, SELECT);
  const options = ownOptions(given);
  const counts = oneOf(options.count, 'count', ['exact']) !== undefined;
  const offset = options.offset === undefined ? 0 : wholeNumber(options.offset, 'offset', 0, ValidationError);
  const limit =
    options.limit === undefined ? undefined : wholeNumber(options.limit, 'limit', 0, ValidationError);
  const limits = calls.sender.limits(options);
  const page = { counts, offset, limit, limits };
  const { rows, count } = await readRows(calls, table, options, page);
  return counts ? { rows, count } : rows;
}

/** The one row, or undefined. */
export async function legacySingle(
  calls: LegacyCalls,
  table: string,
  given: LegacyReadOptions,
): Promise<unknown> {
  checkOptions(given, SINGLE);
  const options = ownOptions(given);
  const limits = calls.sender.limits(options);
  const { rows } = await readRows(calls, table, options, { counts: false, offset: 0, limit: 2, limits });
  if (rows.length > 1) {
    throw new UsageError(`More than one row of "${table}" matches.`, {
      code: 'NOT_UNIQUE',
      hint: 'Filter by a unique column, or use select().',
    });
  }
  return rows[0];
}

export function found<Row>(row: Row | undefined, table: string): Row {
  if (row !== undefined) return row;
  throw new NotFoundError(`No row of "${table}" matches, or the caller may not see it.`);
}

export async function legacyCount(
  calls: LegacyCalls,
  table: string,
  given: LegacyReadOptions,
): Promise<number> {
  checkOptions(given, COUNT);
  const options = ownOptions(given);
  const limits = calls.sender.limits(options);
  // Not by HEAD, whose errors have no body, so that nothing would say what is wrong.
  const { count } = await readRows(calls, table, options, { counts: true, offset: 0, limit: 1, limits });
  return count;
}

interface Page {
  readonly counts: boolean;
  readonly offset: number;
  readonly limit: number | undefined;
  readonly limits: SendLimits;
}

/** A page of rows, and how many there are on all pages if they are counted. */
async function readRows(
  { client, sender, maxRows }: LegacyCalls,
  table: string,
  options: LegacyReadOptions,
  { counts, offset, limit, limits }: Page,
): Promise<{ readonly rows: readonly unknown[]; readonly count: number }> {
  refuseCache(options);
  const columns = selectedColumns(options.columns);
  const tree = filterTree(options);
  const describe = (from: number, rows: number) => {
    const relation = client.from(pathName('table', table));
    const query = filtered(relation.select(columns, counts ? { count: 'exact' } : {}), tree);
    return ordered(query, options.orderBy).range(from, from + rows - 1);
  };
  const wanted = Math.min(limit ?? maxRows, maxRows);
  const answer = await sender.send(describe(offset, wanted), 'read', limits);
  const rows = rowsOf(answer);
  // The Data API cuts what is over its limit and does not say so.
  if (rows.length === maxRows && (limit === undefined || limit > maxRows)) {
    const further = await sender.send(describe(offset + maxRows, 1), 'read', limits);
    if (rowsOf(further).length > 0) throw tooManyRows(maxRows);
  }
  if (counts && answer.count === undefined)
    throw new UnreadableDataError('The Data API did not count the rows.');
  return { rows, count: answer.count ?? rows.length };
}

export function tooManyRows(maxRows: number, outcome: Outcome = 'not-applied'): UnreadableDataError {
  return new UnreadableDataError(`The result has more than ${maxRows} rows.`, {
    code: 'RESULT_TOO_LARGE',
    outcome,
    hint: "Use 'limit' and 'offset', or raise the setting \"Max rows\" of the Data API and the option 'maxRows'.",
  });
}

/** The rows of an answer: those of a table are a list. */
export function rowsOf({ data }: QueryAnswer, outcome: Outcome = 'not-applied'): readonly unknown[] {
  if (Array.isArray(data)) return data;
  throw new UnreadableDataError('The Data API answered without rows where some were asked for.', { outcome });
}

/** The option `columns` as what `select` takes. */
export function selectedColumns(columns: unknown, option = 'columns'): string {
  if (columns === undefined) return '*';
  if (!Array.isArray(columns) || columns.length === 0) {
    throw new UsageError(`The option '${option}' must be an array of at least one column name.`);
  }
  return columns.map(quotedColumn).join(',');
}

export function filtered(query: DataApiQuery, tree: string | undefined): DataApiQuery {
  return tree === undefined ? query : query.or(tree);
}

function ordered(query: DataApiQuery, orderBy: unknown): DataApiQuery {
  if (orderBy === undefined) return query;
  const terms: readonly unknown[] = Array.isArray(orderBy) ? orderBy : [orderBy];
  const names = new Set<string>();
  return terms.reduce<DataApiQuery>((ordering, term) => {
    const { name, ascending, nullsFirst } = orderTerm(term);
    if (names.has(name)) throw new UsageError(`The option 'orderBy' names ${name} twice.`);
    names.add(name);
    return ordering.order(name, { ascending, nullsFirst });
  }, query);
}

function orderTerm(term: unknown): { name: string; ascending: boolean; nullsFirst: boolean } {
  if (typeof term === 'string') return { name: quotedColumn(term), ascending: true, nullsFirst: false };
  if (!isPlainObject(term)) throw malformedOrder();
  const { column, direction = 'asc', nulls, ...others } = ownOptions(term);
  const isDirection = direction === 'asc' || direction === 'desc';
  const isPosition = nulls === undefined || nulls === 'first' || nulls === 'last';
  if (typeof column !== 'string' || !isDirection || !isPosition || Object.keys(others).length > 0) {
    throw malformedOrder();
  }
  const ascending = direction === 'asc';
  // As in Postgres, nulls count as larger than all values.
  return {
    name: quotedColumn(column),
    ascending,
    nullsFirst: nulls === undefined ? !ascending : nulls === 'first',
  };
}

function malformedOrder(): UsageError {
  return new UsageError(
    "The option 'orderBy' must be a column name, { column, direction: 'asc' | 'desc', nulls: 'first' | 'last' }, or an array of them. The Data API orders by no path(…).",
  );
}
