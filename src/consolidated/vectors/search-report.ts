/**
 * How the rows of a search were found.
 *
 * - `exact`: all rows that pass the filters and policies were compared.
 * - `index`: an index named the candidates.
 * - `index, then exact`: an index did, and named too few, so that all rows were compared.
 */
type SearchPlan = 'exact' | 'index' | 'index, then exact';

/** How a search went, as its statement tells it. */
export interface SearchReport {
  readonly plan: SearchPlan;
  /** It had counted the rows that pass, and found them few. */
  readonly areFew: boolean;
  /** Rows of the table that were looked at; undefined where the server does not count them, as for a view. */
  readonly scanned: number | undefined;
}

/** The number by which a statement tells how it went: a code below eight, and the rows that were looked at. */
export const REPORT_CODES = { exact: 0, index: 1, few: 2, short: 3, noOrigin: 4 } as const;
const CODES = 8;

/** @param told - 8 × the rows looked at + a code */
export function readReport(told: number): SearchReport {
  const code = told % CODES;
  const scanned = Math.floor(told / CODES);
  return {
    plan: code === REPORT_CODES.index ? 'index' : code === REPORT_CODES.short ? 'index, then exact' : 'exact',
    areFew: code === REPORT_CODES.few,
    scanned: scanned > 0 ? scanned : undefined,
  };
}

/** The row that `near` names does not exist for this caller, or has no vector. */
export function isOriginMissing(told: number): boolean {
  return told % CODES === REPORT_CODES.noOrigin;
}
