import { type VectorIndex, vectorBytes } from '../catalog/vector-index.ts';
import type { Compiled } from '../compile/compiled.ts';
import type { ShapedColumn } from '../compile/relation-shape.ts';
import type { StatementScope } from '../compile/statement-scope.ts';
import { coveringIndexes } from './covering-index.ts';
import {
  indexedRows,
  learningKey,
  type OpenChoice,
  openChoice,
  type SearchContext,
} from './search-choice.ts';
import { searchIndexes } from './search-index.ts';
import { readReport, type SearchReport } from './search-report.ts';
import type { SearchClauses, SearchForm } from './search-sql.ts';
import {
  fewRows,
  innerLimit,
  mayTry,
  mostNamed,
  type SearchRecall,
  searchSettings,
} from './search-tuning.ts';
import type { VectorMetric } from './vector-metric.ts';

const EXACTLY: OpenChoice = { form: 'exact', isFound: false, isOpen: false };

/** What decides how rows near to a vector are searched. */
interface Sought {
  readonly column: ShapedColumn;
  readonly metric: VectorMetric;
  /** How many rows. */
  readonly limit: number;
  readonly recall: SearchRecall;
  readonly efSearch: number | undefined;
  readonly where: string;
  /** The values of the filters. */
  readonly filtered: readonly (string | null)[];
  /** What the searches that learn from each other have in common. */
  readonly alike: string;
  /** Select list of the columns. */
  readonly list: string;
  /** SQL that leaves out the row that the search starts from. */
  readonly apart: string;
  /** Its plan depends on values. */
  readonly hasFilters: boolean;
}

/** How one search is made: by what is known of the relation, and by what earlier searches have shown. */
interface SearchWay {
  readonly form: SearchForm;
  /** The one that loses least. */
  readonly index: VectorIndex | undefined;
  readonly bounds: Pick<
    SearchClauses,
    'inner' | 'few' | 'most' | 'tables' | 'isDivided' | 'indexes' | 'covering'
  >;
  /** What serves it, for the key of its plan: asked the same, roles may be served by different indexes. */
  readonly covered: string;
  /** Of a key of the relation, whether or not the call names it. */
  readonly readsKey: boolean;
  readonly settings: Compiled['settings'];
  /** Takes the number by which the statement reports, learns from it, and says what it tells. */
  told(report: number): Pick<SearchReport, 'plan' | 'scanned'> & { readonly recallClass: SearchRecall };
}

/** Binds the numbers of the way behind what the scope has bound so far. */
export function searchWay(context: SearchContext, scope: StatementScope, sought: Sought): SearchWay {
  const { shape, binding } = scope;
  const { limit, recall, efSearch, where, filtered, alike, hasFilters } = sought;
  const indexes = searchIndexes(shape.relation, sought.column, sought.metric);
  const [index] = indexes;
  const rows = shape.relation.searchable?.rows;
  const among = indexedRows(context, shape, where);
  const inner = recall === 'exact' ? limit : innerLimit(limit, recall, index, among);
  const covering = coveringIndexes(scope, sought);
  const heldBytes =
    covering === undefined ? undefined : (vectorBytes(sought.column.column) ?? Number.POSITIVE_INFINITY);
  const few = fewRows(inner, among, heldBytes);
  const learnedBy = recall === 'exact' ? undefined : learningKey(context, alike, filtered, limit);
  const learned = learnedBy === undefined ? undefined : context.searches?.of(learnedBy);
  const choice = recall === 'exact' ? EXACTLY : openChoice(context, shape, where, few);
  // The server counts what it reads of each table, not of a view.
  const tables = shape.relation.searchable?.partOids ?? [];
  const isCounted = tables.length > 0;
  const isTried = learned?.isTried === true && isCounted && mayTry({ recall, inner, indexes });
  const form = isTried ? 'index' : (learned?.form ?? choice.form);
  const isFound = choice.isFound && learned?.reason !== 'costly';
  const { isOpen } = choice;
  const selectivity = learned?.selectivity;
  const tuned = {
    ...{ recall, limit, inner, few, rows, among, indexes, selectivity, efSearch },
    ...{ hasFilters, isOpen, isFound, isTried },
  };
  const number = (value: number) => `${binding.add(String(value))}::int8`;
  return {
    form,
    index,
    bounds: {
      inner: form === 'exact' ? '' : number(inner),
      few: form === 'probed' ? number(few) : '',
      most: form === 'exact' || !isCounted || index === undefined ? '' : number(mostNamed(tuned)),
      tables,
      isDivided: shape.relation.kind === 'partitioned table' || tables.length > 1,
      indexes: indexes.flatMap(({ oids }) => oids),
      covering,
    },
    covered: covering === undefined ? '' : JSON.stringify(covering),
    readsKey: covering?.key !== undefined,
    settings: searchSettings(form, tuned),
    told(told) {
      const report = readReport(told);
      if (learnedBy !== undefined) {
        const made = { key: learnedBy, byLearned: learned !== undefined, report, inner, few, rows };
        context.searches?.note({ ...made, relation: shape.qualified, role: context.role });
      }
      const { plan, scanned } = report;
      return { plan, scanned, recallClass: plan === 'index' ? recall : 'exact' };
    },
  };
}
