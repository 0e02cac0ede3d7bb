import { ValidationError } from '../../contract/errors.ts';
import { compiled, countedPlan, countedQuery } from '../compile/assemble.ts';
import { checkOptions, flag, oneOf, optionNames, wholeNumber } from '../compile/check-options.ts';
import type { KeptPlan } from '../compile/plan-cache.ts';
import { withCodecs } from '../compile/result-columns.ts';
import { statementScope } from '../compile/statement-scope.ts';
import { writeWhere } from '../compile/where.ts';
import { aliases } from '../compile/wrap-document.ts';
import type { JsonPath } from '../filters/path.ts';
import { builtinCodec } from '../values/builtin-codecs.ts';
import type { DecodeOptions } from '../values/codec.ts';
import type { ResultColumn } from '../values/row-decoder.ts';
import { columnsBeside } from './added-columns.ts';
import { askedWords, type CompiledSearch } from './compiled-search.ts';
import { type FusionOptions, readFusion } from './fusion-options.ts';
import { matchingListSql, matchSql, relevanceSql } from './matching-list.ts';
import { nearestList } from './nearest-list.ts';
import { rowKey } from './row-key.ts';
import type { SearchContext } from './search-choice.ts';
import { candidateSql } from './search-index.ts';
import { withSql } from './search-sql.ts';
import { SEARCH_RECALLS, type SearchRecall } from './search-tuning.ts';
import { searchWay } from './search-way.ts';
import { searchedText, type TextOptions } from './searched-text.ts';
import { boundThreshold } from './similarity-threshold.ts';
import { encodeQuery, vectorColumn } from './vector-column.ts';
import { distanceSql, similaritySql, VECTOR_METRICS, type VectorMetric } from './vector-metric.ts';

export interface HybridSearchOptions extends TextOptions, FusionOptions {
  readonly vector: ArrayLike<number> | string;
  /** Default: the only vector or halfvec column. */
  readonly column?: string | undefined;
  /** @defaultValue 'cosine' */
  readonly metric?: VectorMetric | undefined;
  /** @defaultValue 10 */
  readonly limit?: number | undefined;
  /** Rows below it are not found by the vector; the text may find them. */
  readonly similarityThreshold?: number | undefined;
  readonly filters?: unknown;
  readonly columns?: readonly (string | JsonPath)[] | undefined;
  /** Of the list of the vector. @defaultValue 'balanced' */
  readonly recall?: SearchRecall | undefined;
  /** @defaultValue false */
  readonly info?: boolean | undefined;
}

const KNOWN = optionNames(
  'hybridSearch',
  'text',
  'textColumn',
  'textColumns',
  'language',
  'vector',
  'column',
  'metric',
  'limit',
  'weights',
  'rankConstant',
  'candidates',
  'similarityThreshold',
  'filters',
  'columns',
  'recall',
  'info',
  'cache',
);

const DEFAULT_LIMIT = 10;
const ADDED = ['score', 'similarity', 'textRank'] as const;
/** OIDs of real and double precision, which are the same in every database. */
const FLOAT4 = 700;
const FLOAT8 = 701;

/**
 * The rows that match a text and those that are nearest to a vector, as one list: reciprocal rank fusion. Both lists are
 * parts of one statement, so that one snapshot, one filter and the same policies decide them.
 *
 * The lists hold nothing but keys. What a row has beside its columns is read for those of the result: its `score`, and
 * however it was found its `similarity`, null where it has none, and its `textRank`, null where the text does not match.
 */
export function compileHybridSearch(
  context: SearchContext,
  relation: string,
  options: HybridSearchOptions,
): CompiledSearch {
  checkOptions(options, KNOWN);
  const scope = statementScope(context, relation);
  const { shape, binding } = scope;
  const column = vectorColumn(scope, options.column);
  const metric = oneOf(options.metric, 'metric', VECTOR_METRICS) ?? 'cosine';
  const limit = Math.min(
    wholeNumber(options.limit ?? DEFAULT_LIMIT, 'limit', 1, ValidationError),
    context.maxRows + 1,
  );
  const fusion = readFusion(options, limit);
  const recall = oneOf(options.recall, 'recall', SEARCH_RECALLS) ?? 'balanced';
  const isTold = flag(options.info, 'info');
  const rows = rowKey(scope, 'hybridSearch');

  const vector = binding.add(encodeQuery(options.vector, column, metric), column) + column.cast;
  const text = searchedText(options, scope);
  const given = binding.values.length;
  const where = writeWhere(options, scope);
  const filtered = binding.values.slice(given);
  const list = columnsBeside(ADDED, 'hybridSearch', options.columns, scope);
  const threshold = boundThreshold(options.similarityThreshold, binding);
  const number = (value: number, type: string) => `${binding.add(String(value))}::${type}`;
  const weights = { text: number(fusion.text, 'float8'), vector: number(fusion.vector, 'float8') };
  const constant = number(fusion.rankConstant, 'float8');
  const candidates = number(fusion.candidates, 'int8');
  const bound = number(limit, 'int8');
  const clauses = `${shape.key} ${context.decode.largeNumbers} ${metric} ${recall} ${threshold}\n${column.quoted}\n${text.words}\n${text.query}\n${list.key}\n${where}`;
  const asked = binding.values.slice();

  const keyList = rows.map(({ expression }) => expression).join(', ');
  const way = searchWay(context, scope, {
    ...{ column, metric, limit: fusion.candidates, where, filtered },
    // A list that is not searched shows nothing.
    recall: fusion.vector === 0 ? 'exact' : recall,
    efSearch: undefined,
    alike: `hybridSearch ${shape.key} ${metric} ${recall} ${about(options.similarityThreshold)}\n${column.quoted}\n${where}`,
    hasFilters: true,
    list: keyList,
    apart: '',
  });
  const { form } = way;

  const keep = (): KeptPlan => {
    const distance = distanceSql(context.catalog, column, metric, column.expression, vector);
    const parts = nearestList(form, {
      ...way.bounds,
      target: shape.target,
      conditions: [`${weights.vector} > 0`, column.nullable ? `${column.expression} is not null` : '', where],
      list: keyList,
      width: rows.length,
      distance,
      candidate: candidateSql(context.catalog, column, metric, vector, way.index),
      similarity: similaritySql(metric, 's.distance'),
      limit: candidates,
      threshold,
      isComplete: recall !== 'fast',
      origin: '',
    });
    const matching = matchingListSql({
      ...{ target: shape.target, key: rows, candidates, text },
      where: weighted(weights.text, where),
    });
    const places = aliases(rows.length, 'k');
    const names = places.join(', ');
    const same = (left: string, right: (index: number) => string) =>
      places.map((name, index) => `${left}.${name} = ${right(index)}`).join(' and ');
    const share = (list: string, weight: string) => `coalesce(${weight} / (${constant} + ${list}.place), 0)`;
    const fused =
      `select ${places.map((name) => `coalesce(n.${name}, m.${name}) as ${name}`).join(', ')}, ` +
      `${share('m', weights.text)} + ${share('n', weights.vector)} as score ` +
      `from nearest as n(${names}, place) full join (${matching}) as m(${names}, place) on ${same('n', (index) => `m.k${index}`)} ` +
      `order by score desc, ${names} limit ${bound}`;
    const selected = [
      'true',
      ...(list.text === '' ? [] : [list.text]),
      'f.score',
      `nullif(${similaritySql(metric, `(${distance})`)}, 'NaN'::float8)`,
      `case when ${matchSql(text)} then ${relevanceSql(text)} end`,
    ].join(', ');
    const columns = [...withCodecs(list, context.decode), ...addedColumns(context.decode)];
    const found =
      `select ${selected} from (${fused}) as f join ${shape.target} as t on ${same('f', (index) => rows[index]!.expression)} ` +
      `order by f.score desc, ${places.map((name) => `f.${name}`).join(', ')}`;
    // The report is on the left of the join, so that it is made first.
    const query = (tail: string) =>
      withSql(parts) + countedQuery('select told.report from told', found, columns.length, tail);
    return { ...countedPlan(query, columns, binding.values.length, 'read'), further: [] };
  };

  const key = `hybridSearch ${form}${way.covered} ${clauses}`;
  const plan = context.plans.get(key) ?? context.plans.set(key, keep());
  return {
    ...compiled(context, shape, 'hybridSearch', plan, binding.values),
    settings: way.settings,
    isTold,
    readsKey: way.readsKey,
    asked: () => askedWords(clauses, asked),
    told: ({ rows: found, total = 0 }) => {
      const search = way.told(total);
      return isTold ? { rows: found, search } : found;
    },
  };
}

/**
 * A threshold as far as it decides how a search is made: rows beyond it count as missing, so that the index may do for a low one and
 * never for a high one. Those that nearly agree are made alike, lest each of many be learned by itself.
 */
function about(threshold: number | undefined): string {
  return threshold === undefined ? '' : threshold.toPrecision(2);
}

/** A list without weight is not read. */
function weighted(weight: string, where: string): string {
  return where === '' ? `${weight} > 0` : `${weight} > 0 and ${where}`;
}

function addedColumns(decode: DecodeOptions): readonly ResultColumn[] {
  const [score, similarity, textRank] = ADDED;
  return [
    { name: score, codec: builtinCodec('float8', decode), type: FLOAT8, composite: undefined },
    { name: similarity, codec: builtinCodec('float8', decode), type: FLOAT8, composite: undefined },
    { name: textRank, codec: builtinCodec('float4', decode), type: FLOAT4, composite: undefined },
  ];
}
