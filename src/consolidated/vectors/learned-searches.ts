import type { Clock } from '../../contract/clock.ts';
import type { Tell } from '../../contract/service-event.ts';
import { BoundedCache } from '../values/bounded-cache.ts';
import type { SearchReport } from './search-report.ts';

/** Why a search is made as it is. */
type SearchReason = 'many rows' | 'few rows' | 'short' | 'costly';

interface LearnedSearch {
  readonly form: 'exact' | 'index';
  readonly reason: SearchReason;
  /** Share of what the index names that passes filters and policies; undefined where it is not known. */
  readonly selectivity: number | undefined;
  /** Rows that were looked at. */
  readonly scanned: number | undefined;
}

/** How a search is made by what was learned. */
interface NextSearch extends LearnedSearch {
  /** Of one that was short: whether the index is asked once more, as it may do for this vector. */
  readonly isTried: boolean;
}

/** One search that was made. */
interface MadeSearch {
  readonly key: string;
  /** As earlier searches had shown. Such a one only shows that it still holds. */
  readonly byLearned: boolean;
  readonly report: SearchReport;
  /** Candidates that were asked for. */
  readonly inner: number;
  /** Rows that are few. */
  readonly few: number;
  /** Of the table, by the statistics. */
  readonly rows: number | undefined;
  readonly relation: string;
  readonly role: string;
}

interface Kept extends LearnedSearch {
  selectivity: number | undefined;
  /** How often in a row it was learned. */
  readonly times: number;
  readonly until: number;
  uses: number;
  /** How often in a row the index was tried, and was short again. */
  misses: number;
}

const MAX_KEPT = 2_000;
/** Of all keys together: a filter may be as long as its caller makes it. */
const MAX_CHARACTERS = 4_000_000;
const USES = 32;
const REST_MS = 30_000;
const MAX_TIMES = 3;
/** An index that names more than this share of the rows is slower than reading all of them. */
const COSTLY_SHARE = 0.2;
const RARER = 4;
/** After so many misses in a row the index is tried for one search of so many only. */
const MOST_MISSES = 2;
const TRIED_OF = 8;

/**
 * What searches have shown of those that are asked alike: of one table, column, metric and filter, with the same values,
 * for the same role and subject. It decides how the next one is made, never what it may find.
 *
 * Bounded in number, in uses and in time, so that it follows data that changes: behind the last use the question is open
 * again. What is learned again is kept for longer, up to 256 uses and four minutes.
 */
export class LearnedSearches {
  readonly #kept = new BoundedCache<string, Kept>({
    max: MAX_KEPT,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (_, key) => key.length,
  });
  readonly #clock: Clock;
  readonly #tell: Tell;

  constructor(clock: Clock, tell: Tell) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** How a search with this key is to be made; undefined where that is open. */
  of(key: string): NextSearch | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.uses <= 0 || kept.until <= this.#clock.now()) return undefined;
    kept.uses -= 1;
    const { form, reason, selectivity, scanned, misses, uses } = kept;
    const isTried = reason === 'short' && (misses < MOST_MISSES || uses % TRIED_OF === 0);
    return { form, reason, selectivity, scanned, isTried };
  }

  note(made: MadeSearch): void {
    const kept = this.#kept.get(made.key);
    const learned = learnedFrom(made);
    if (made.byLearned && kept !== undefined && holds(kept, learned, made)) return;
    if (learned === undefined) return;
    const isSame = kept?.form === learned.form && kept.reason === learned.reason;
    const times = isSame ? Math.min(kept.times + 1, MAX_TIMES) : 0;
    const until = this.#clock.now() + REST_MS * 2 ** times;
    const misses = learned.reason === 'short' ? Math.max(1, kept?.misses ?? 0) : 0;
    this.#kept.set(made.key, { ...learned, times, until, uses: USES * 2 ** times, misses });
    if (isSame) return;
    const { relation, role } = made;
    this.#tell?.({ type: 'search', relation, role, plan: learned.form, reason: learned.reason });
  }
}

/** Whether a search that was made by what is kept bears it out, as far as one can. */
function holds(
  kept: Kept,
  learned: LearnedSearch | undefined,
  { report: { scanned }, few }: MadeSearch,
): boolean {
  switch (kept.reason) {
    case 'few rows':
      // All were compared, without a count. Where the server tells nothing of it either, they are counted again soon.
      if (scanned === undefined) kept.uses = Math.min(kept.uses, USES);
      else if (scanned > few && scanned > 2 * (kept.scanned ?? 0)) kept.uses = 0;
      return learned === undefined;
    case 'many rows':
      // An index that does not do for one vector may do for the next, which lies elsewhere.
      kept.misses = learned?.reason === 'short' ? kept.misses + 1 : 0;
      if (learned?.reason === 'short') return kept.misses < MOST_MISSES;
      if (learned !== undefined && isRarer(learned, kept)) kept.uses = 0;
      kept.selectivity = mean(kept.selectivity, learned?.selectivity);
      return learned?.reason !== 'costly';
    case 'short':
      if (learned?.reason === 'short') kept.misses += 1;
      if (learned?.reason === 'many rows') kept.misses = 0;
      kept.selectivity = mean(kept.selectivity, learned?.selectivity);
      return learned?.reason !== 'costly';
    case 'costly':
      return learned === undefined;
  }
}

/**
 * Of one vector more pass, of another fewer. It is what the index has to name for each that counts: by the shares themselves, a
 * vector whose neighbours all pass would hide how many others need.
 */
function mean(known: number | undefined, seen: number | undefined): number | undefined {
  return known === undefined || seen === undefined ? (seen ?? known) : 1 / (0.75 / known + 0.25 / seen);
}

/** So much less passes than was learned that the rows may be few by now. */
function isRarer({ selectivity }: LearnedSearch, { selectivity: learned }: LearnedSearch): boolean {
  return selectivity !== undefined && learned !== undefined && selectivity < learned / RARER;
}

function learnedFrom(made: MadeSearch): LearnedSearch | undefined {
  const { report } = made;
  const { plan, scanned } = report;
  const exactly = (reason: SearchReason) =>
    ({ form: 'exact', reason, selectivity: undefined, scanned }) as const;
  // If costly, they were found by looking at many.
  if (report.areFew) return exactly(isCostly(made, 2) ? 'costly' : 'few rows');
  if (plan === 'index, then exact') return exactly('short');
  if (plan === 'exact') return undefined;
  if (isCostly(made, 1)) return exactly('costly');
  return { form: 'index', reason: 'many rows', selectivity: selectivityOf(made), scanned };
}

/** Some searches have counted the rows first, up to one more than are few. The rest is what the index has named, which is less. */
function selectivityOf({ report: { scanned }, inner, few }: MadeSearch): number | undefined {
  if (scanned === undefined) return undefined;
  return Math.min(1, inner / (scanned > few ? scanned - few : scanned));
}

/** It has looked at more rows than it takes to compare all of them. */
function isCostly({ report: { scanned }, few, rows }: MadeSearch, times: number): boolean {
  return scanned !== undefined && rows !== undefined && scanned > times * Math.max(few, COSTLY_SHARE * rows);
}
