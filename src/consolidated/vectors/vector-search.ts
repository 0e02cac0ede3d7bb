import { compiled, countedPlan } from '../compile/assemble.ts';
import { flag, oneOf } from '../compile/check-options.ts';
import type { KeptPlan } from '../compile/plan-cache.ts';
import { withCodecs } from '../compile/result-columns.ts';
import { statementScope } from '../compile/statement-scope.ts';
import { writeWhere } from '../compile/where.ts';
import { builtinCodec } from '../values/builtin-codecs.ts';
import { columnsBeside } from './added-columns.ts';
import { askedWords, type CompiledSearch } from './compiled-search.ts';
import { readNear } from './near.ts';
import type { SearchContext } from './search-choice.ts';
import { candidateSql } from './search-index.ts';
import { readEfSearch, readLimit, readRecall, type VectorSearchOptions } from './search-options.ts';
import { isOriginMissing } from './search-report.ts';
import { ORIGIN, reportedSearch } from './search-sql.ts';
import { searchWay } from './search-way.ts';
import { boundThreshold } from './similarity-threshold.ts';
import { encodeQuery, vectorColumn } from './vector-column.ts';
import { distanceSql, similaritySql, VECTOR_METRICS } from './vector-metric.ts';

const SIMILARITY = 'similarity';
/** OID of double precision, which is the same in every database. */
const FLOAT8 = 701;

/**
 * The rows nearest to a vector, nearest first, each with its `similarity`. Rows without a vector are left out.
 *
 * A filter or a policy runs after an index and would silently shorten its result. How many rows pass is known only in the
 * database, so the statement itself decides; see `reportedSearch`. What it reports decides how the next search is made.
 *
 * @param options - of one of `searchesOf`
 * @param vectorOption - the option that holds the vector, for errors
 */
export function compileVectorSearch(
  context: SearchContext,
  relation: string,
  options: VectorSearchOptions,
  vectorOption = 'vector',
): CompiledSearch {
  const scope = statementScope(context, relation);
  const { shape, binding } = scope;
  const column = vectorColumn(scope, options.column);
  const metric = oneOf(options.metric, 'metric', VECTOR_METRICS) ?? 'cosine';
  const limit = readLimit(options.limit, context.maxRows);
  const recall = readRecall(options);
  const efSearch = readEfSearch(options.efSearch);
  const isTold = flag(options.info, 'info');

  const near = options.near === undefined ? undefined : readNear(options.near, scope, column, metric);
  const vector =
    near === undefined
      ? binding.add(encodeQuery(options.vector, column, metric, vectorOption), column) + column.cast
      : ORIGIN;
  const given = binding.values.length;
  const where = writeWhere(options, scope);
  const filtered = binding.values.slice(given);
  const list = columnsBeside([SIMILARITY], 'vectorSearch', options.columns, scope);
  const threshold = boundThreshold(options.similarityThreshold, binding);
  const limited = `${binding.add(String(limit))}::int8`;
  const clauses = `${shape.key} ${context.decode.largeNumbers} ${metric} ${recall} ${threshold}\n${column.quoted}\n${list.key}\n${near?.condition ?? ''}\n${where}`;
  const asked = binding.values.slice();

  const way = searchWay(context, scope, {
    ...{ column, metric, limit, recall, efSearch, where, filtered },
    ...{ alike: clauses, hasFilters: where !== '', list: list.text, apart: near?.condition ?? '' },
  });
  const { form } = way;

  const keep = (): KeptPlan => {
    const distance = distanceSql(context.catalog, column, metric, column.expression, vector);
    const search = reportedSearch(form, {
      ...way.bounds,
      target: shape.target,
      conditions: [column.nullable ? `${column.expression} is not null` : '', near?.condition ?? '', where],
      list: list.text,
      width: list.columns.length,
      distance,
      candidate: candidateSql(context.catalog, column, metric, vector, way.index),
      similarity: similaritySql(metric, 's.distance'),
      limit: limited,
      threshold,
      isComplete: recall !== 'fast',
      origin: near?.origin ?? '',
    });
    const columns = [
      ...withCodecs(list, context.decode),
      { name: SIMILARITY, codec: builtinCodec('float8', context.decode), type: FLOAT8 },
    ];
    return { ...countedPlan(search, columns, binding.values.length, 'read'), further: [] };
  };

  const key = `vectorSearch ${form}${way.covered} ${clauses}`;
  const plan = context.plans.get(key) ?? context.plans.set(key, keep());
  return {
    ...compiled(context, shape, 'vectorSearch', plan, binding.values),
    settings: way.settings,
    isTold,
    readsKey: way.readsKey,
    asked: () => askedWords(`${efSearch} ${clauses}`, asked),
    told: ({ rows: found, total = 0 }) => {
      if (near !== undefined && isOriginMissing(total)) throw near.missing();
      const search = way.told(total);
      return isTold ? { rows: found, search } : found;
    },
  };
}
