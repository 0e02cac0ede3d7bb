import type { Column } from '../consolidated/catalog/model.ts';
import { isVectorType, type VectorIndex } from '../consolidated/catalog/vector-index.ts';
import { quotedName } from '../contract/quoted-name.ts';
import type { AdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';
import { examineVectorIndexes } from './doctor-vector-indexes.ts';
import { readVectorTables, rowCount, type VectorSizes, type VectorTable } from './doctor-vector-tables.ts';

const check = 'vector search';

/** The default metric of a search. */
const DEFAULT_METRIC = 'cosine';

/** What pgvector's indexes take, in dimensions. */
const MOST_VECTOR = 2_000;
const MOST_HALFVEC = 4_000;

/** An index finds few rows by none of them, or not by equality. */
const UNSELECTIVE = new Set(['bool', 'json', 'jsonb', 'tsvector', 'vector', 'halfvec', 'sparsevec']);

/**
 * Columns of vectors without an index that serves them, policies that an index would help, and indexes that were built for
 * smaller tables. The login needs no right on any table.
 */
export async function examineVectors(
  connection: AdminConnection,
  schemas: readonly string[],
  sizes: VectorSizes,
): Promise<readonly Report[]> {
  const tables = await readVectorTables(connection, schemas);
  const large = tables.filter(({ rows }) => rows >= sizes.large);
  const reports = [
    ...large.flatMap(unindexedColumns),
    ...large.flatMap(unindexedPolicies),
    ...(await examineVectorIndexes(connection, schemas, sizes)),
  ];
  if (reports.length > 0 || tables.length === 0) return reports;
  const message = `Nothing to change for ${tables.map(({ name }) => name).join(', ')}`;
  return [{ level: 'ok', check, message }];
}

function unindexedColumns(table: VectorTable): readonly Report[] {
  const columns = [...table.relation.columns.values()].filter(({ type }) => isVectorType(type));
  return columns.flatMap((column): Report[] => {
    const indexes = table.searchable.vectorIndexes.filter((index) => index.column === column.name);
    const what = `${table.name} has ${rowCount(table.rows)}`;
    if (indexes.length === 0) {
      const message = `${what} and no index on "${column.name}": every search reads all of them`;
      return [{ level: 'warning', check, message, advice: indexFor(table, column) }];
    }
    if (indexes.some(serves)) return [];
    const metrics = indexes.map(({ method, metric }) => `${method} serves ${metric}`).join(', ');
    const message = `${what}, and no index on "${column.name}" serves ${DEFAULT_METRIC}, the default metric: ${metrics}. An index serves only its own metric`;
    const advice = `Name the metric in each search, or create an index for ${DEFAULT_METRIC}: ${indexFor(table, column)}`;
    return [{ level: 'info', check, message, advice }];
  });
}

/** What a binary index finds is compared again by the metric of the search. */
function serves({ metric, form }: VectorIndex): boolean {
  return metric === DEFAULT_METRIC || form.kind === 'binary';
}

function indexFor(table: VectorTable, { name, type, modifier }: Column): string {
  const { extension, quoted } = table;
  const column = quotedName(name);
  if (modifier < 0) {
    return `Give the column its number of dimensions, which an index needs: alter table ${quoted} alter column ${column} type ${extension}.${type.name}(…); Then create an index.`;
  }
  const indexed =
    modifier <= (type.name === 'vector' ? MOST_VECTOR : MOST_HALFVEC)
      ? `${column} ${extension}.${type.name}_cosine_ops`
      : modifier <= MOST_HALFVEC
        ? `(${column}::${extension}.halfvec(${modifier})) ${extension}.halfvec_cosine_ops`
        : `(${extension}.binary_quantize(${column})::bit(${modifier})) ${extension}.bit_hamming_ops`;
  return `${createIndex(table)} using hnsw (${indexed});`;
}

/** An index of a partitioned table cannot be created without locking out writes. */
function createIndex({ relation, quoted }: VectorTable): string {
  return `create index ${relation.kind === 'partitioned table' ? '' : 'concurrently '}on ${quoted}`;
}

/**
 * It is a warning where no column that a policy reads leads an index, the primary key aside. Otherwise the other one may be
 * what leaves few rows.
 */
function unindexedPolicies(table: VectorTable): readonly Report[] {
  const { relation, searchable, partitionedBy } = table;
  const isFound = (column: string) => searchable.indexedColumns.has(column) || column === partitionedBy;
  const levels = new Map<string, Report['level']>();
  for (const columns of searchable.policyColumnsByRole.values()) {
    const compared = [...columns].filter((column) => isComparable(relation.columns.get(column)));
    const isHelped = compared.some((column) => isFound(column) && column !== relation.primaryKey[0]);
    for (const column of compared.filter((each) => !isFound(each))) {
      if (levels.get(column) !== 'warning') levels.set(column, isHelped ? 'info' : 'warning');
    }
  }
  return [...levels].map(([column, level]) => ({
    level,
    check,
    message: `${table.name} has ${rowCount(table.rows)}, and its policies for reading name "${column}", which leads no index: a search looks through rows that its caller may not see`,
    advice: `With an index the rows of a caller are found without the others, and compared exactly: ${createIndex(table)} (${quotedName(column)});`,
  }));
}

function isComparable(column: Column | undefined): boolean {
  return column !== undefined && column.type.kind !== 'array' && !UNSELECTIVE.has(column.type.name);
}
