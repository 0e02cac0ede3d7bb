import type { Clock } from '../../contract/clock.ts';
import type { Tell } from '../../contract/service-event.ts';
import { BoundedCache } from '../values/bounded-cache.ts';
import type { SearchReport } from './search-report.ts';

/** Why a search is made as it is. */
type SearchReason = 'many rows' | 'short' | 'costly';

interface LearnedSearch {
  readonly form: 'exact' | 'index';
  readonly reason: SearchReason;
  /** Share of what the index names that passes filters and policies; undefined where it is not known. */
  readonly selectivity: number | undefined;
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
  /** How often in a row it was learned. */
  readonly times: number;
  readonly until: number;
  uses: number;
}

const MAX_KEPT = 2_000;
const USES = 32;
const REST_MS = 30_000;
const MAX_TIMES = 3;
/** An index that names more than this share of the rows is slower than reading all of them. */
const COSTLY_SHARE = 0.2;
const RARER = 4;

/**
 * What searches have shown of those that are asked alike: of one table, column, metric and filter, with the same values,
 * for the same role and subject. It decides how the next one is made, never what it may find.
 *
 * Bounded in number, in uses and in time, so that it follows data that changes: behind the last use the question is open
 * again. What is learned again is kept for longer, up to 256 uses and four minutes.
 */
export class LearnedSearches {
  readonly #kept = new BoundedCache<string, Kept>({ max: MAX_KEPT });
  readonly #clock: Clock;
  readonly #tell: Tell;

  constructor(clock: Clock, tell: Tell) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** How a search with this key is to be made; undefined where that is open. */
  of(key: string): LearnedSearch | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.uses <= 0 || kept.until <= this.#clock.now()) return undefined;
    kept.uses -= 1;
    return kept;
  }

  note(made: MadeSearch): void {
    const before = this.#kept.get(made.key);
    const learned = learnedFrom(made);
    if (learned === undefined) return;
    const isSame = before?.form === learned.form && before.reason === learned.reason;
    if (isSame && made.byLearned) {
      if (isRarer(learned, before)) before.uses = 0;
      return;
    }
    const times = isSame ? Math.min(before.times + 1, MAX_TIMES) : 0;
    const until = this.#clock.now() + REST_MS * 2 ** times;
    this.#kept.set(made.key, { ...learned, times, until, uses: USES * 2 ** times });
    if (isSame) return;
    const { relation, role } = made;
    this.#tell?.({ type: 'search', relation, role, plan: learned.form, reason: learned.reason });
  }
}

/** So much less passes than was learned that the rows may be few by now. */
function isRarer({ selectivity }: LearnedSearch, { selectivity: learned }: LearnedSearch): boolean {
  return selectivity !== undefined && learned !== undefined && selectivity < learned / RARER;
}

function learnedFrom(made: MadeSearch): LearnedSearch | undefined {
  const { report } = made;
  const { plan, scanned } = report;
  if (report.areFew) {
    // They were found by looking at many.
    return isCostly(made, 2) ? { form: 'exact', reason: 'costly', selectivity: undefined } : undefined;
  }
  if (plan === 'index, then exact') return { form: 'exact', reason: 'short', selectivity: undefined };
  if (plan === 'exact') return undefined;
  if (isCostly(made, 1)) return { form: 'exact', reason: 'costly', selectivity: undefined };
  const selectivity = scanned === undefined ? undefined : Math.min(1, made.inner / scanned);
  return { form: 'index', reason: 'many rows', selectivity };
}

/** It has looked at more rows than it takes to compare all of them. */
function isCostly({ report: { scanned }, few, rows }: MadeSearch, times: number): boolean {
  return scanned !== undefined && rows !== undefined && scanned > times * Math.max(few, COSTLY_SHARE * rows);
}
