import { checkOptions, flag, ownOptions } from '../../consolidated/compile/check-options.ts';
import { UnreadableDataError, UsageError, ValidationError } from '../../contract/errors.ts';
import { bodyObject } from './body-values.ts';
import type { DataApiQuery, DataApiRelation } from './data-api-client.ts';
import { filterTree } from './filter-tree.ts';
import { knownOptions } from './known-options.ts';
import { filtered, type LegacyCalls, rowsOf, selectedColumns } from './legacy-reads.ts';
import type { GivenLimits } from './sent-query.ts';
import { columnName, pathName } from './url-names.ts';
import { withViolatedColumn } from './violated-column.ts';

export interface LegacyWriteOptions extends GivenLimits {
  readonly returning?: unknown;
  readonly filters?: unknown;
  readonly all?: unknown;
  readonly onConflict?: unknown;
  readonly ignoreDuplicates?: unknown;
}

const INSERT = knownOptions('insert', 'returning');
const UPSERT = knownOptions('upsert', 'returning', 'onConflict', 'ignoreDuplicates');
const UPDATE = knownOptions('update', 'returning', 'filters', 'all');
const DELETE = knownOptions('delete', 'returning', 'filters', 'all');

export async function legacyInsert(
  calls: LegacyCalls,
  table: string,
  given: unknown,
  options: LegacyWriteOptions,
): Promise<unknown> {
  checkOptions(options, INSERT);
  const rows = bodyRows(given, 'insert');
  return written(calls, table, rows, ownOptions(options), (relation, counted) =>
    relation.insert(rows as never, { ...counted, defaultToNull: false }),
  );
}

export async function legacyUpsert(
  calls: LegacyCalls,
  table: string,
  given: unknown,
  options: LegacyWriteOptions,
): Promise<unknown> {
  checkOptions(options, UPSERT);
  const own = ownOptions(options);
  const rows = bodyRows(given, 'upsert');
  const key = conflictColumns(own.onConflict);
  for (const row of Array.isArray(rows) ? rows : [rows]) {
    const missing = key?.find((column) => !Object.hasOwn(row, column));
    if (missing === undefined) continue;
    throw new ValidationError(
      `upsert needs "${missing}" in its rows: it is part of the key that finds an existing row of "${table}".`,
      { field: missing },
    );
  }
  const ignoreDuplicates = flag(own.ignoreDuplicates, 'ignoreDuplicates');
  return written(calls, table, rows, own, (relation, counted) =>
    relation.upsert(rows as never, {
      ...counted,
      defaultToNull: false,
      ignoreDuplicates,
      ...(key !== undefined && { onConflict: key.map((column) => `"${column}"`).join(',') }),
    }),
  );
}

export async function legacyUpdate(
  calls: LegacyCalls,
  table: string,
  set: unknown,
  options: LegacyWriteOptions,
): Promise<unknown> {
  checkOptions(options, UPDATE);
  const own = ownOptions(options);
  const body = bodyObject(set, 'The values of update', 'column');
  if (Object.keys(body).length === 0)
    throw new ValidationError(`update must set at least one column of "${table}".`);
  const tree = changedRows('update', table, own);
  try {
    return await changed(calls, table, own, (relation, counted) =>
      filtered(relation.update(body as never, counted), tree),
    );
  } catch (error) {
    throw withViolatedColumn(error, table, Object.keys(body));
  }
}

export async function legacyDelete(
  calls: LegacyCalls,
  table: string,
  options: LegacyWriteOptions,
): Promise<unknown> {
  checkOptions(options, DELETE);
  const own = ownOptions(options);
  const tree = changedRows('delete', table, own);
  return changed(calls, table, own, (relation, counted) => filtered(relation.delete(counted), tree));
}

type Describe = (relation: DataApiRelation, counted: { readonly count?: 'exact' }) => DataApiQuery;

/** A row for a row, rows for rows, their number with `returning: false`. */
async function written(
  calls: LegacyCalls,
  table: string,
  rows: Body | readonly Body[],
  options: LegacyWriteOptions,
  describe: Describe,
): Promise<unknown> {
  const isList = Array.isArray(rows);
  if (isList && rows.length === 0) return options.returning === false ? 0 : [];
  try {
    const result = await changed(calls, table, options, describe);
    return Array.isArray(result) && !isList ? result[0] : result;
  } catch (error) {
    throw withViolatedColumn(error, table, isList ? rows.flatMap(Object.keys) : Object.keys(rows));
  }
}

/** Rows, or their number with `returning: false`. */
async function changed(
  { client, sender }: LegacyCalls,
  table: string,
  { returning = true, ...limits }: LegacyWriteOptions,
  describe: Describe,
): Promise<readonly unknown[] | number> {
  const relation = client.from(pathName('table', table));
  const callLimits = sender.limits(limits);
  if (returning !== false) {
    const columns = selectedColumns(returning === true ? undefined : returning, 'returning');
    const answer = await sender.send(describe(relation, {}).select(columns), 'write', callLimits);
    return rowsOf(answer, 'applied');
  }
  const { count } = await sender.send(describe(relation, { count: 'exact' }), 'write', callLimits);
  if (count !== undefined) return count;
  throw new UnreadableDataError('The Data API did not count the rows.', { outcome: 'applied' });
}

type Body = Readonly<Record<string, unknown>>;

function bodyRows(given: unknown, method: string): Body | readonly Body[] {
  if (!Array.isArray(given)) return bodyObject(given, `The row of ${method}`, 'column');
  return given.map((row: unknown, index) => bodyObject(row, `Row ${index + 1} of ${method}`, 'column'));
}

function conflictColumns(onConflict: unknown): readonly string[] | undefined {
  if (onConflict === undefined) return undefined;
  const names: readonly unknown[] = Array.isArray(onConflict) ? onConflict : [onConflict];
  if (names.length === 0) {
    throw new UsageError("The option 'onConflict' must be a column name or an array of column names.");
  }
  return names.map(columnName);
}

/** Filters without a condition count as none, and no filters are an error unless `all` is true. */
function changedRows(
  method: 'update' | 'delete',
  table: string,
  options: LegacyWriteOptions,
): string | undefined {
  const all = flag(options.all, 'all');
  const tree = filterTree(options);
  if (all && options.filters !== undefined) {
    throw new UsageError(`${method} needs either 'filters' or all: true, not both.`);
  }
  if (tree !== undefined || all) return tree;
  throw new UsageError(
    `${method} needs at least one condition in 'filters', or all: true for every row of "${table}".`,
    { code: 'FILTER_REQUIRED' },
  );
}
