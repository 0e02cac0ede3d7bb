import { compiled, countedPlan } from '../compile/assemble.ts';
import { flag, oneOf } from '../compile/check-options.ts';
import type { CompileContext, Compiled } from '../compile/compiled.ts';
import type { KeptPlan } from '../compile/plan-cache.ts';
import type { Result } from '../compile/read-answer.ts';
import type { RelationShape } from '../compile/relation-shape.ts';
import { withCodecs } from '../compile/result-columns.ts';
import { statementScope } from '../compile/statement-scope.ts';
import { writeWhere } from '../compile/where.ts';
import { builtinCodec } from '../values/builtin-codecs.ts';
import { columnsBeside } from './added-columns.ts';
import { coveringIndexes } from './covering-index.ts';
import { readNear } from './near.ts';
import { learningKey, type OpenChoice, openChoice, type SearchContext } from './search-choice.ts';
import { candidateSql, searchIndexes } from './search-index.ts';
import { readEfSearch, readLimit, readRecall, type VectorSearchOptions } from './search-options.ts';
import { isOriginMissing, readReport } from './search-report.ts';
import { ORIGIN, reportedSearch } from './search-sql.ts';
import { fewRows, innerLimit, mayTry, mostNamed, searchSettings } from './search-tuning.ts';
import { boundThreshold } from './similarity-threshold.ts';
import { encodeQuery, vectorColumn } from './vector-column.ts';
import { distanceSql, similaritySql, VECTOR_METRICS } from './vector-metric.ts';

const EXACTLY: OpenChoice = { form: 'exact', isFound: false, isOpen: false };
const SIMILARITY = 'similarity';
/** OID of double precision, which is the same in every database. */
const FLOAT8 = 701;

/** A search, and what its caller gets of the answer. */
interface CompiledSearch extends Compiled {
  /** What is asked, in words that do not depend on how it is searched. */
  asked(): string;
  told(result: Result): unknown;
  /** How it was searched is part of that. */
  readonly isTold: boolean;
  /** Of a key of the relation, whether or not the call names it. */
  readonly readsKey: boolean;
}

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

  const indexes = searchIndexes(shape.relation, column, metric);
  const [index] = indexes;
  const rows = shape.relation.searchable?.rows;
  const inner = recall === 'exact' ? limit : innerLimit(limit, recall, index, rows);
  const covering = coveringIndexes(scope, {
    ...{ column, list: list.text, limit, where },
    apart: near?.condition ?? '',
  });
  const few = fewRows(inner, rows, covering !== undefined);
  const learnedBy = recall === 'exact' ? undefined : learningKey(context, clauses, filtered, limit);
  const learned = learnedBy === undefined ? undefined : context.searches?.of(learnedBy);
  const choice = recall === 'exact' ? EXACTLY : openChoice(context, shape, where, few);
  const table = countedTable(context, shape);
  const isTried = learned?.isTried === true && table !== undefined && mayTry({ recall, inner, indexes });
  const form = isTried ? 'index' : (learned?.form ?? choice.form);
  const isFound = choice.isFound && learned?.reason !== 'costly';
  const { isOpen } = choice;
  const selectivity = learned?.selectivity;
  const hasFilters = where !== '';
  const tuned = {
    ...{ recall, limit, inner, few, rows, indexes, selectivity, efSearch },
    ...{ hasFilters, isOpen, isFound, isTried },
  };
  const bounds = {
    limit: limited,
    inner: form === 'exact' ? '' : `${binding.add(String(inner))}::int8`,
    few: form === 'probed' ? `${binding.add(String(few))}::int8` : '',
    most:
      form === 'exact' || table === undefined || index === undefined
        ? ''
        : `${binding.add(String(mostNamed(tuned)))}::int8`,
    threshold,
  };

  const keep = (): KeptPlan => {
    const distance = distanceSql(context.catalog, column, metric, column.expression, vector);
    const search = reportedSearch(form, {
      ...bounds,
      target: shape.target,
      conditions: [column.nullable ? `${column.expression} is not null` : '', near?.condition ?? '', where],
      list: list.text,
      width: list.columns.length,
      distance,
      candidate: candidateSql(context.catalog, column, metric, vector, index),
      similarity: similaritySql(metric, 's.distance'),
      isComplete: recall !== 'fast',
      origin: near?.origin ?? '',
      table,
      indexes: indexes.flatMap(({ oids }) => oids),
      covering,
    });
    const columns = [
      ...withCodecs(list, context.decode),
      { name: SIMILARITY, codec: builtinCodec('float8', context.decode), type: FLOAT8 },
    ];
    return { ...countedPlan(search, columns, binding.values.length, 'read'), further: [] };
  };

  // Asked the same, roles may be served by different indexes.
  const covered = covering === undefined ? '' : JSON.stringify(covering);
  const key = `vectorSearch ${form}${covered} ${clauses}`;
  const plan = context.plans.get(key) ?? context.plans.set(key, keep());
  return {
    ...compiled(context, shape, 'vectorSearch', plan, binding.values),
    settings: searchSettings(form, tuned),
    isTold,
    readsKey: covering?.key !== undefined,
    asked: () => `${efSearch} ${clauses} ${asked.map((value) => `${value?.length}:${value}`).join(' ')}`,
    told: ({ rows: found, total = 0 }) => {
      if (near !== undefined && isOriginMissing(total)) throw near.missing();
      const report = readReport(total);
      if (learnedBy !== undefined) {
        const made = { key: learnedBy, byLearned: learned !== undefined, report, inner, few, rows };
        context.searches?.note({ ...made, relation: shape.qualified, role: context.role });
      }
      if (!isTold) return found;
      const { plan, scanned } = report;
      return { rows: found, search: { plan, scanned, recallClass: plan === 'index' ? recall : 'exact' } };
    },
  };
}

/** The server counts what it reads of each table, not of a view or of a table's parts together. */
function countedTable(
  { catalog }: CompileContext,
  { relation, qualified }: RelationShape,
): number | undefined {
  if (relation.kind !== 'table' && relation.kind !== 'materialized view') return undefined;
  if (relation.searchable?.hasParts !== false) return undefined;
  return catalog.graph.relationNamed(qualified)?.oid;
}
