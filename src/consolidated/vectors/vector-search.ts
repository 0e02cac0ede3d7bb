import { UsageError, ValidationError } from '../../contract/errors.ts';
import { compiled, queryPlan, rowsAnswer, whereClause } from '../compile/assemble.ts';
import { checkOptions, flag, oneOf, optionNames, wholeNumber } from '../compile/check-options.ts';
import type { CompileContext, Compiled } from '../compile/compiled.ts';
import { compositeTail } from '../compile/composite-tail.ts';
import { withCodecs } from '../compile/result-columns.ts';
import { statementScope } from '../compile/statement-scope.ts';
import { writeWhere } from '../compile/where.ts';
import { aliases } from '../compile/wrap-document.ts';
import type { JsonPath } from '../filters/path.ts';
import { builtinCodec } from '../values/builtin-codecs.ts';
import { columnsBeside } from './added-columns.ts';
import { efSearchFor, MAX_EF_SEARCH } from './ef-search.ts';
import { boundThreshold } from './similarity-threshold.ts';
import { encodeQuery, vectorColumn } from './vector-column.ts';
import { distanceSql, similaritySql, VECTOR_METRICS, type VectorMetric } from './vector-metric.ts';

export interface VectorSearchOptions {
  /** Default: the only vector or halfvec column. */
  readonly column?: string | undefined;
  readonly vector: ArrayLike<number> | string;
  /** @defaultValue 'cosine' */
  readonly metric?: VectorMetric | undefined;
  /** @defaultValue 10 */
  readonly limit?: number | undefined;
  /** Rows below it are left out, and are not replaced by others. */
  readonly similarityThreshold?: number | undefined;
  readonly filters?: unknown;
  readonly columns?: readonly (string | JsonPath)[] | undefined;
  /**
   * Compares with every row instead of using an index, which can miss rows.
   * @defaultValue false
   */
  readonly exact?: boolean | undefined;
  /** Candidates that an HNSW index keeps, from 1 to 1000. Default: twice `limit`, and at least 40. */
  readonly efSearch?: number | undefined;
}

const KNOWN = optionNames(
  'vectorSearch',
  'column',
  'vector',
  'metric',
  'limit',
  'similarityThreshold',
  'filters',
  'columns',
  'exact',
  'efSearch',
  'cache',
);

const DEFAULT_LIMIT = 10;
const SIMILARITY = 'similarity';
/** OID of double precision, which is the same in every database. */
const FLOAT8 = 701;

/**
 * The rows nearest to a vector, nearest first, each with its `similarity`. Rows without a vector are left out.
 *
 * The inner query is ordered only by the distance, so that an index can be used. The threshold is
 * applied to its result. This is exact: the rows after the limit are even farther away.
 *
 * A filter or a policy runs after the index and would silently shorten the result, so
 * `hnsw.iterative_scan` (pgvector 0.8 and later) continues the index scan until the limit is reached. `exact`
 * adds zero to the distance in the order, which no index matches.
 */
export function compileVectorSearch(
  context: CompileContext,
  relation: string,
  options: VectorSearchOptions,
): Compiled {
  checkOptions(options, KNOWN);
  const scope = statementScope(context, relation);
  const { shape, binding } = scope;
  const column = vectorColumn(scope, options.column);
  const metric = oneOf(options.metric, 'metric', VECTOR_METRICS) ?? 'cosine';
  const limit = Math.min(
    wholeNumber(options.limit ?? DEFAULT_LIMIT, 'limit', 1, ValidationError),
    context.maxRows + 1,
  );
  const exact = flag(options.exact, 'exact');
  const efSearch = readEfSearch(options.efSearch, limit);

  const vector = binding.add(encodeQuery(options.vector, column, metric), column) + column.cast;
  const where = writeWhere(options, scope);
  const list = columnsBeside([SIMILARITY], 'vectorSearch', options.columns, scope);
  const threshold = boundThreshold(options.similarityThreshold, binding);
  const bound = `${binding.add(String(limit))}::int8`;
  const key = `vectorSearch ${shape.key} ${context.decode.largeNumbers} ${metric} ${exact} ${threshold}\n${column.quoted}\n${list.key}\n${where}`;

  const keep = () => {
    const similarity = similaritySql(metric, 's.distance');
    const distance = distanceSql(context.catalog, column, metric, column.expression, vector);
    const width = list.columns.length;
    const notNull = column.nullable ? `${column.expression} is not null` : '';
    const order = exact ? `(${distance}) + 0` : distance;
    const selected = list.text === '' ? distance : `${list.text}, ${distance}`;
    const inner = `select ${selected} from ${shape.target} as t${whereClause(notNull, where)} order by ${order} limit ${bound}`;
    const named = [...aliases(width), 'distance'].join(', ');
    const outer = [...aliases(width).map((alias) => `s.${alias}`), similarity].join(', ');
    // NaN, the cosine of a vector of zeros, sorts as larger than all numbers.
    const above =
      threshold === '' ? '' : ` where ${similarity} >= ${threshold} and ${similarity} <> 'NaN'::float8`;
    const columns = withCodecs(list, context.decode);
    const { text: tail } = compositeTail(columns, (index) => `s.c${index}`);
    const query = (behind: string) =>
      `select ${outer}${behind} from (${inner}) as s(${named})${above} order by s.distance`;
    const all = [
      ...columns,
      { name: SIMILARITY, codec: builtinCodec('float8', context.decode), type: FLOAT8 },
    ];
    const codecs = all.map(({ codec }) => codec);
    const plan = queryPlan(query(''), codecs, binding.values.length, query(tail));
    return { plan, further: [], answer: rowsAnswer(all) };
  };

  const kept = context.plans.get(key) ?? context.plans.set(key, keep());
  const statement = compiled(context, shape, 'vectorSearch', kept, binding.values);
  if (exact) return statement;
  return {
    ...statement,
    settings: [
      ['hnsw.iterative_scan', 'strict_order'],
      ['hnsw.ef_search', String(efSearch)],
    ],
  };
}

/** Checked here: before the library is loaded, the server accepts any value and only warns later. */
function readEfSearch(value: unknown, limit: number): number {
  if (value === undefined) return efSearchFor(limit);
  const efSearch = wholeNumber(value, 'efSearch', 1);
  if (efSearch > MAX_EF_SEARCH) {
    throw new UsageError(
      `The option 'efSearch' must be a whole number from 1 to ${MAX_EF_SEARCH}. It was ${efSearch}.`,
    );
  }
  return efSearch;
}
