import { whereClause } from '../compile/assemble.ts';
import { aliases } from '../compile/wrap-document.ts';
import { REPORT_CODES } from './search-report.ts';

/**
 * - `exact`: all rows that pass are compared.
 * - `index`: an index names candidates. Where it names too few, all rows that pass are compared.
 * - `probed`: as `index`, after the rows that pass were counted up to a bound: few of them are all compared.
 */
export type SearchForm = 'exact' | 'index' | 'probed';

/** The clauses of a search as SQL, where `t` is the relation. */
export interface SearchClauses {
  /** `"public"."places"` */
  readonly target: string;
  readonly conditions: readonly string[];
  /** Select list of the columns; '' for none. */
  readonly list: string;
  readonly width: number;
  /** The distance by which rows are ranked. */
  readonly distance: string;
  /** What an index orders by: the distance, or that of a shorter form of the vectors. */
  readonly candidate: string;
  /** Of `s.distance`. */
  readonly similarity: string;
  /** Parameters. */
  readonly limit: string;
  /** How many candidates. */
  readonly inner: string;
  /** How many rows are few. */
  readonly few: string;
  /** How many the index may name; '' where the server does not count them. */
  readonly most: string;
  /** '' for none. */
  readonly threshold: string;
  /** Rows beyond the threshold count as missing: the search is to find all that there are. */
  readonly isComplete: boolean;
  /** Query for the vector of the row that it starts from; '' where the vector is a parameter. */
  readonly origin: string;
  /** OIDs of the tables that hold the rows, where the server counts what it reads of them. */
  readonly tables: readonly number[];
  /** It is partitioned, or others inherit from it. */
  readonly isDivided: boolean;
  /** OIDs of the indexes that may name candidates, as far as they are known. */
  readonly indexes: readonly number[];
  readonly covering: Covering | undefined;
}

/** Indexes that find the rows that pass and hold their vectors, so that these are compared without the table. */
export interface Covering {
  readonly oids: readonly number[];
  /** Columns by which the rows of the answer are then read; undefined where the indexes hold all that is asked. */
  readonly key: readonly string[] | undefined;
}

/** Where a vector that is read from a row stands. */
export const ORIGIN = '(select origin.vector from origin)';

/**
 * The rows of a search, behind the number by which it reports how it went; see `readReport`. Without rows there is one
 * that is not present.
 *
 * It is one statement, so that one snapshot decides and one round trip is enough. The parts of which only one is needed stand
 * behind conditions without columns, which Postgres decides before it runs a part. `+ 0` behind a distance keeps the planner
 * from taking an index for the order, and what an index has named for sorted: it nearly is, by distances of single precision.
 *
 * @param tail - of the select list, which may name columns as `p.c0`
 */
export function reportedSearch(form: SearchForm, clauses: SearchClauses): (tail: string) => string {
  const columns = aliases(clauses.width);
  const { parts, rows, report } = searchedRows(form, clauses);
  const present = ['true', ...columns.map((column) => `s.${column}`), clauses.similarity].join(', ');
  const found = `select ${present} from (${rows}) as s(${namesOf(clauses)})${above(clauses)} order by s.distance + 0`;
  const list = [
    // A subquery, which is run once, for the first row: behind all that it reports.
    `(select ${report})`,
    'p.present',
    ...columns.map((column) => `p.${column}`),
    'p.similarity',
  ];
  const as = ['present', ...columns, 'similarity'].join(', ');
  return (tail) =>
    `${withSql(parts)}select ${list.join(', ')}${tail} from (select) as n left join (${found}) as p(${as}) on true`;
}

/** A search as parts of a query. */
interface SearchedRows {
  /** For its WITH. */
  readonly parts: readonly string[];
  /** Query for the rows with their distance, in no order: for FROM. */
  readonly rows: string;
  /** The number by which it reports, once the rows were read. */
  readonly report: string;
}

export function searchedRows(form: SearchForm, clauses: SearchClauses): SearchedRows {
  return { parts: withParts(form, clauses), rows: found(form, clauses), report: report(form, clauses) };
}

export function withSql(parts: readonly string[]): string {
  return parts.length === 0 ? '' : `with ${parts.join(', ')} `;
}

/** `c0, c1, distance` */
function namesOf({ width }: Pick<SearchClauses, 'width'>): string {
  return [...aliases(width), 'distance'].join(', ');
}

function withParts(form: SearchForm, clauses: SearchClauses): string[] {
  const { origin, few, limit, inner, threshold, isComplete } = clauses;
  const parts: string[] = [];
  if (origin !== '') parts.push(`origin(vector) as materialized (${origin})`);
  if (form === 'probed') {
    const some = `select from ${from(clauses)} limit ${few} + 1`;
    parts.push(`probe(n) as materialized (select count(*) from (${some}) as p)`);
  }
  if (clauses.tables.length > 0) {
    const after = form === 'probed' ? ' from probe' : '';
    const covered = clauses.covering === undefined ? '' : ', entries, fetched';
    const counts = [looked(clauses), named(clauses), ...coveredCounts(clauses)].join(', ');
    parts.push(`before(n, named${covered}) as materialized (select ${counts}${after})`);
  }
  if (form === 'exact') return parts;
  const areMany = `(select probe.n from probe) > ${few}`;
  const gates = [...begun(clauses), ...(form === 'probed' ? [areMany] : [])];
  const near = `${selected(clauses)} from ${from(clauses, gates)} order by ${clauses.candidate} limit ${clauses.inner}`;
  parts.push(`near(${namesOf(clauses)}) as materialized (${near})`);
  // An index that was stopped, or has no more, has named too few: those that it did name may not be the nearest.
  let short = `(select count(*) from near) < ${inner}`;
  if (clauses.most !== '')
    short += ` or ${named(clauses)} - (select before.named from before) > ${clauses.most}`;
  // Then the planner has compared all rows, but by a shorter form of the vectors. It is null for an index that is gone.
  if (showsUse(clauses) && !isWhole(clauses)) short += ` or coalesce(${unused(clauses)}, true)`;
  if (isComplete && threshold !== '')
    short += ` or (select count(*) from near as s${above(clauses)}) < ${limit}`;
  parts.push(
    `verdict(short) as materialized (select ${form === 'probed' ? `${areMany} and (${short})` : short})`,
  );
  return parts;
}

function found(form: SearchForm, clauses: SearchClauses): string {
  const { limit, distance, few } = clauses;
  const held = heldBy(clauses);
  // By its place in the list: written out again, it would be computed twice for each row.
  const all = (gates: readonly string[]) =>
    wholeRows(
      clauses,
      `${selected(held, `(${distance}) + 0`)} from ${from(clauses, gates)} order by ${held.width + 1} limit ${limit}`,
    );
  if (form === 'exact') return all(begun(clauses));
  const short = '(select verdict.short from verdict)';
  const nearest = `select * from near where not ${short} order by near.distance + 0 limit ${limit}`;
  const either = `(${nearest}) union all (${all([short])})`;
  if (form === 'index') return either;
  const areFew = `(select probe.n from probe) <= ${few}`;
  const some = `${selected(held)} from ${from(clauses, [...begun(clauses), areFew])} limit ${few}`;
  const nearestOfFew = `select * from (${some}) as f(${namesOf(held)}) order by f.distance + 0 limit ${limit}`;
  return `(${wholeRows(clauses, nearestOfFew)}) union all ${either}`;
}

type Selection = Pick<SearchClauses, 'list' | 'width' | 'distance'>;

/** What is read of all rows that are compared: where an index holds the vectors, nothing that it does not hold. */
function heldBy(clauses: SearchClauses): Selection {
  const key = clauses.covering?.key;
  return key === undefined ? clauses : { ...clauses, list: key.join(', '), width: key.length };
}

/**
 * The rows of an answer that was found by `heldBy`. One by one: joined as a whole, the planner may take its guess of how many they
 * are, a tenth of those that pass, for a reason to read all that pass from the table.
 */
function wholeRows(clauses: SearchClauses, nearest: string): string {
  const key = clauses.covering?.key;
  if (key === undefined) return nearest;
  const same = key.map((column, at) => `${column} = n.c${at}`).join(' and ');
  const row = `select ${clauses.list} from ${clauses.target} as t where ${same} limit 1`;
  return `select r.*, n.distance from (${nearest}) as n(${namesOf(heldBy(clauses))}) cross join lateral (${row}) as r`;
}

/** Makes Postgres look at the counts before it reads rows. */
function begun({ tables }: SearchClauses): readonly string[] {
  return tables.length === 0 ? [] : ['(select before.n from before) is not null'];
}

function report(form: SearchForm, clauses: SearchClauses): string {
  const { few, tables, origin } = clauses;
  const codes = REPORT_CODES;
  const isFew = `(select probe.n from probe) <= ${few}`;
  const cases: string[] = [];
  if (origin !== '') cases.push(`when ${ORIGIN} is null then ${codes.noOrigin}`);
  if (form === 'probed') cases.push(`when ${isFew} then ${codes.few}`);
  if (form !== 'exact') cases.push(`when (select verdict.short from verdict) then ${codes.short}`);
  if (showsUse(clauses) && isWhole(clauses)) cases.push(`when ${unused(clauses)} then ${codes.exact}`);
  const last = form === 'exact' ? codes.exact : codes.index;
  const code = cases.length === 0 ? `${last}` : `case ${cases.join(' ')} else ${last} end`;
  if (tables.length === 0) return `${code}::int8`;
  const read = `${looked(clauses)} - (select before.n from before)${coveredSince(clauses)}`;
  // Of what an index of a column leads to, only a bitmap counts with the table.
  const least =
    form === 'probed'
      ? `greatest(${read}, case when ${isFew} then (select probe.n from probe) end)`
      : `(${read})`;
  return `${code} + 8 * ${least}`;
}

/** Rows of the tables and entries of the indexes that this session has read so far, but for `coveredCounts`. */
function looked(clauses: SearchClauses): string {
  const { tables, covering } = clauses;
  const rows = covering === undefined ? [RETURNED, FETCHED] : [RETURNED];
  return `${counted(rows, tables)} + ${named(clauses)}`;
}

/** Entries of the indexes that hold the vectors, and rows of the table that a bitmap led to. */
function coveredCounts({ covering, tables }: SearchClauses): readonly string[] {
  return covering === undefined ? [] : [counted([RETURNED], covering.oids), counted([FETCHED], tables)];
}

/** A bitmap of such an index counts each row twice: as an entry, and as a row of the table. */
function coveredSince(clauses: SearchClauses): string {
  const [entries, fetched] = coveredCounts(clauses);
  if (entries === undefined) return '';
  return ` + greatest(${entries} - (select before.entries from before), ${fetched} - (select before.fetched from before))`;
}

/** Entries of the indexes of vectors. */
function named({ indexes }: SearchClauses): string {
  return counted([RETURNED], indexes);
}

const RETURNED = 'pg_catalog.pg_stat_get_xact_tuples_returned';
const FETCHED = 'pg_catalog.pg_stat_get_xact_tuples_fetched';
/** As many are written one by one, which the server plans and runs fastest. */
const WRITTEN_OUT = 4;

/** What this session has read of relations so far. Nothing of one that is gone. */
function counted(counts: readonly string[], oids: readonly number[]): string {
  const of = (oid: string) => counts.map((count) => `${count}(${oid})`).join(' + ');
  if (oids.length === 0) return '0::int8';
  if (oids.length <= WRITTEN_OUT) return `(${oids.map((oid) => of(String(oid))).join(' + ')})`;
  return `(select sum(${of('r.oid')})::int8 from unnest('{${oids.join(',')}}'::oid[]) as r(oid))`;
}

/** Of a divided table parts may have been added since the catalog was read, whose indexes nobody counts. */
function showsUse({ most, isDivided }: SearchClauses): boolean {
  return most !== '' && !isDivided;
}

/**
 * The planner has preferred to compare all rows: nothing was read of any index. Only where the server counts, and where the
 * indexes still are those that the catalog knows: one that was built again has another OID.
 */
function unused(clauses: SearchClauses): string {
  // Null of one that does not exist.
  const exist = clauses.indexes.map((index) => `pg_catalog.pg_index_has_property(${index}, 'index_scan')`);
  return [
    `${named(clauses)} = (select before.named from before)`,
    `pg_catalog.current_setting('track_counts') = 'on'`,
    ...exist,
  ].join(' and ');
}

function isWhole({ candidate, distance }: SearchClauses): boolean {
  return candidate === distance;
}

function selected({ list, distance }: Selection, ranked = distance): string {
  return `select ${list === '' ? ranked : `${list}, ${ranked}`}`;
}

function from({ target, conditions }: SearchClauses, gates: readonly string[] = []): string {
  return `${target} as t${whereClause(...conditions, ...gates)}`;
}

/** NaN, the cosine of a vector of zeros, sorts as larger than all numbers. */
function above({ threshold, similarity }: SearchClauses): string {
  return threshold === '' ? '' : ` where ${similarity} >= ${threshold} and ${similarity} <> 'NaN'::float8`;
}
