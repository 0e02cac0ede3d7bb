import { ValidationError } from '../../contract/errors.ts';
import { compiled, queryPlan, rowsAnswer } from '../compile/assemble.ts';
import { checkOptions, oneOf, optionNames, wholeNumber } from '../compile/check-options.ts';
import type { CompileContext, Compiled } from '../compile/compiled.ts';
import { compositeTail } from '../compile/composite-tail.ts';
import { withCodecs } from '../compile/result-columns.ts';
import { statementScope } from '../compile/statement-scope.ts';
import { writeWhere } from '../compile/where.ts';
import { aliases } from '../compile/wrap-document.ts';
import type { JsonPath } from '../filters/path.ts';
import { builtinCodec } from '../values/builtin-codecs.ts';
import type { DecodeOptions } from '../values/codec.ts';
import type { ResultColumn } from '../values/row-decoder.ts';
import { columnsBeside } from './added-columns.ts';
import { coveringIndexes } from './covering-index.ts';
import { type FusionOptions, readFusion } from './fusion-options.ts';
import { matchingListSql, matchSql, relevanceSql } from './matching-list.ts';
import { nearestListSql } from './nearest-list.ts';
import { rowKey } from './row-key.ts';
import { openChoice } from './search-choice.ts';
import { candidateSql, searchIndexes } from './search-index.ts';
import { fewRows, innerLimit, searchSettings } from './search-tuning.ts';
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
  context: CompileContext,
  relation: string,
  options: HybridSearchOptions,
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
  const fusion = readFusion(options, limit);
  const rows = rowKey(scope, 'hybridSearch');

  const vector = binding.add(encodeQuery(options.vector, column, metric), column) + column.cast;
  const text = searchedText(options, scope);
  const where = writeWhere(options, scope);
  const list = columnsBeside(ADDED, 'hybridSearch', options.columns, scope);
  const threshold = boundThreshold(options.similarityThreshold, binding);
  const number = (value: number, type: string) => `${binding.add(String(value))}::${type}`;
  const weights = { text: number(fusion.text, 'float8'), vector: number(fusion.vector, 'float8') };
  const constant = number(fusion.rankConstant, 'float8');
  const candidates = number(fusion.candidates, 'int8');
  const bound = number(limit, 'int8');
  const indexes = searchIndexes(shape.relation, column, metric);
  const [index] = indexes;
  const total = shape.relation.searchable?.rows;
  const inner = innerLimit(fusion.candidates, 'balanced', index, total);
  const keyList = rows.map(({ expression }) => expression).join(', ');
  const covering = coveringIndexes(scope, {
    column,
    list: keyList,
    limit: fusion.candidates,
    where,
    apart: '',
  });
  const few = fewRows(inner, total, covering !== undefined);
  const { form, isFound, isOpen } = openChoice(context, shape, where, few);
  const tuned = {
    ...{ recall: 'balanced' as const, limit: fusion.candidates, rows: total },
    ...{ inner, few, indexes, isFound, isOpen },
    ...{ selectivity: undefined, isTried: false, efSearch: undefined, hasFilters: true },
  };
  const bounds = {
    inner: number(inner, 'int8'),
    few: form === 'probed' ? number(few, 'int8') : '',
  };
  // Asked the same, roles may be served by different indexes.
  const covered = covering === undefined ? '' : JSON.stringify(covering);
  const key = `hybridSearch ${form}${covered} ${shape.key} ${context.decode.largeNumbers} ${metric} ${threshold}\n${column.quoted}\n${text.words}\n${text.query}\n${list.key}\n${where}`;

  const keep = () => {
    const distance = distanceSql(context.catalog, column, metric, column.expression, vector);
    const nearest = nearestListSql(form, {
      target: shape.target,
      conditions: [`${weights.vector} > 0`, column.nullable ? `${column.expression} is not null` : '', where],
      list: keyList,
      width: rows.length,
      distance,
      candidate: candidateSql(context.catalog, column, metric, vector, index),
      similarity: similaritySql(metric, 's.distance'),
      limit: candidates,
      ...bounds,
      threshold,
      isComplete: true,
      origin: '',
      most: '',
      table: undefined,
      indexes: [],
      covering,
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
      `from (${nearest}) as n(${names}, place) full join (${matching}) as m(${names}, place) on ${same('n', (index) => `m.k${index}`)} ` +
      `order by score desc, ${names} limit ${bound}`;
    const selected = [
      ...(list.text === '' ? [] : [list.text]),
      'f.score',
      `nullif(${similaritySql(metric, `(${distance})`)}, 'NaN'::float8)`,
      `case when ${matchSql(text)} then ${relevanceSql(text)} end`,
    ].join(', ');
    const columns = withCodecs(list, context.decode);
    const { text: tail } = compositeTail(columns, (index) => list.columns[index]!.expression);
    const query = (behind: string) =>
      `select ${selected}${behind} from (${fused}) as f join ${shape.target} as t on ${same('f', (index) => rows[index]!.expression)} ` +
      `order by f.score desc, ${places.map((name) => `f.${name}`).join(', ')}`;
    const all = [...columns, ...addedColumns(context.decode)];
    const plan = queryPlan(
      query(''),
      all.map(({ codec }) => codec),
      binding.values.length,
      query(tail),
    );
    return { plan, further: [], answer: rowsAnswer(all) };
  };

  const plan = context.plans.get(key) ?? context.plans.set(key, keep());
  return {
    ...compiled(context, shape, 'hybridSearch', plan, binding.values),
    settings: searchSettings(form, tuned),
  };
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
