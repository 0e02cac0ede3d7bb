import type { Compared, GeneratedSearch } from './generated-search.ts';
import type { GeneratedTable } from './generated-table.ts';
import { isAbout, toleranceOf } from './similarity.ts';

interface FoundRow {
  readonly id: number;
  readonly similarity: number;
}

interface GivenRow {
  readonly id: number;
  readonly similarity: number | 'NaN';
}

export interface Judged {
  /** What is wrong; undefined if nothing is. */
  readonly wrong: string | undefined;
  /** 'exact', 'index' or 'index, then exact'; undefined where it was not asked for. */
  readonly plan: string | undefined;
  /** Rows that are among the nearest, of how many. */
  readonly found: number;
  readonly expected: number;
}

/** Holds the answer of one search to what is true. */
export function judgeAnswer(
  table: GeneratedTable,
  search: GeneratedSearch,
  of: Compared,
  answer: unknown,
): Judged {
  const { rows, plan, recallClass } = read(search, answer);
  const similarities = search.similarities(of);
  const nearest = nearestOf(similarities, search);
  const isExact = search.recall === 'exact' || recallClass === 'exact';
  const last = nearest.sure.at(-1) ?? Number.NaN;
  const isNearest = ({ similarity }: FoundRow) =>
    nearest.sure.length < search.limit || Number.isNaN(last) || similarity >= last - toleranceOf(last);
  const judged = { plan, expected: nearest.sure.length, found: rows.filter(isNearest).length };
  const wrong =
    ofRows(table, search, rows, similarities) ??
    ofNumber(search, rows.length, nearest) ??
    (isExact ? ofOrder(rows, nearest.sure) : undefined);
  return { ...judged, found: Math.min(judged.found, judged.expected), wrong };
}

function read(search: GeneratedSearch, answer: unknown) {
  const told = search.isTold
    ? (answer as { rows: GivenRow[]; search: { plan: string; recallClass: string } })
    : { rows: answer as GivenRow[], search: undefined };
  // NaN comes as text, as in all answers.
  const rows: FoundRow[] = told.rows.map(({ id, similarity }) => ({ id, similarity: Number(similarity) }));
  return { rows, plan: told.search?.plan, recallClass: told.search?.recallClass };
}

interface Nearest {
  /** How similar the nearest rows are, within limit and threshold. */
  readonly sure: readonly number[];
  /** How many more there may be, by what roundings decide. */
  readonly most: number;
  readonly least: number;
}

function nearestOf(similarities: ReadonlyMap<number, number>, search: GeneratedSearch): Nearest {
  const { threshold, limit } = search;
  // NaN comes last, as in the database.
  const sorted = [...Float64Array.from(similarities.values(), (value) => -value).sort()].map(
    (value) => -value,
  );
  if (threshold === undefined) {
    const sure = sorted.slice(0, limit);
    return { sure, most: sure.length, least: sure.length };
  }
  const above = (least: number) => sorted.filter((value) => value >= least);
  const tolerance = toleranceOf(threshold);
  return {
    sure: above(threshold).slice(0, limit),
    most: Math.min(limit, above(threshold - tolerance).length),
    least: Math.min(limit, above(threshold + tolerance).length),
  };
}

function ofRows(
  table: GeneratedTable,
  search: GeneratedSearch,
  rows: readonly FoundRow[],
  similarities: ReadonlyMap<number, number>,
): string | undefined {
  const { threshold, caller, passes } = search;
  const seen = new Set<number>();
  let before = Number.POSITIVE_INFINITY;
  for (const { id, similarity } of rows) {
    if (seen.has(id)) return `row ${id} comes twice`;
    seen.add(id);
    const row = table.rows[id];
    if (row === undefined) return `row ${id} does not exist`;
    if (!table.mayRead(caller, row)) return `row ${id} is foreign`;
    if (!passes(row)) return `row ${id} does not pass the filter`;
    const expected = similarities.get(id);
    if (expected === undefined) return `row ${id} has no vector, or is the row itself`;
    if (!isAbout(similarity, expected)) return `row ${id} is similar by ${expected}, not ${similarity}`;
    if (similarity > before || (Number.isNaN(before) && !Number.isNaN(similarity)))
      return `row ${id} with ${similarity} comes behind ${before}`;
    before = similarity;
    if (threshold !== undefined && !(similarity >= threshold))
      return `row ${id} with ${similarity} is beyond the threshold`;
  }
  return undefined;
}

function ofNumber(search: GeneratedSearch, number: number, { most, least }: Nearest): string | undefined {
  if (number > most) return `${number} rows, of at most ${most}`;
  // As documented: `fast` may miss what is beyond a threshold.
  const mayMiss = search.recall === 'fast' && search.threshold !== undefined;
  return number < least && !mayMiss ? `${number} rows, where there are ${least}` : undefined;
}

function ofOrder(rows: readonly FoundRow[], sure: readonly number[]): string | undefined {
  for (const [at, { similarity }] of rows.entries()) {
    const expected = sure[at];
    if (expected !== undefined && !isAbout(similarity, expected))
      return `an exact answer has ${similarity} at ${at}, where the nearest is ${expected}`;
  }
  return undefined;
}
