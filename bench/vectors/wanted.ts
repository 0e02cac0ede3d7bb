import type { VectorContenderName } from './contender.ts';
import { describeSet } from './search-set.ts';
import type { VectorRow } from './summary.ts';

/** A promise of this project about its searches. */
interface WantedOfSearches {
  readonly what: string;
  readonly bound: { readonly least: number } | { readonly most: number };
  readonly digits: number;
  /** In which cells it holds. */
  readonly holds: (row: VectorRow) => boolean;
  /** `undefined` where what it is compared with was not measured. */
  readonly seen: (row: VectorRow) => number | undefined;
}

/** A promise, and the cells in which it was measured. */
export interface VectorVerdict {
  readonly what: string;
  readonly wanted: string;
  /** The worst first. */
  readonly cells: readonly { readonly where: string; readonly seen: string; readonly kept: boolean }[];
  readonly kept: boolean;
}

export const LEAST_RECALL = { balanced: 0.98, fast: 0.95 } as const;
const MOST_TIMES_PLAIN = 3;
const MOST_TIMES_EXACT = 1;

const OURS = Object.keys(LEAST_RECALL) as (keyof typeof LEAST_RECALL)[];

const WANTED_OF_SEARCHES: readonly WantedOfSearches[] = OURS.flatMap((name) => [
  {
    what: `recall of ${name}`,
    bound: { least: LEAST_RECALL[name] },
    digits: 3,
    holds: isBy(name),
    seen: ({ recall }) => recall,
  },
  {
    what: `answers of ${name} with too few rows`,
    bound: { most: 0 },
    digits: 0,
    holds: isBy(name),
    seen: ({ short }) => short,
  },
  {
    what: `answers of ${name} out of order`,
    bound: { most: 0 },
    digits: 0,
    holds: isBy(name),
    seen: ({ unsorted }) => unsorted,
  },
  {
    what: `time of ${name} ÷ plain pgvector, at 10 and 100 %`,
    bound: { most: MOST_TIMES_PLAIN },
    digits: 2,
    holds: (row) => isBy(name)(row) && row.selectivity !== '1',
    seen: ({ timesPlain }) => timesPlain,
  },
  {
    what: `time of ${name} ÷ exact with an index on the owner, at 1 %`,
    bound: { most: MOST_TIMES_EXACT },
    digits: 2,
    holds: (row) => isBy(name)(row) && row.selectivity === '1',
    seen: ({ timesExact }) => timesExact,
  },
]);

/** What was measured of the promises. One of which nothing was measured is left out. */
export function judgeSearches(rows: readonly VectorRow[]): readonly VectorVerdict[] {
  return WANTED_OF_SEARCHES.map(({ what, bound, digits, holds, seen }) => {
    const isLeast = 'least' in bound;
    const limit = isLeast ? bound.least : bound.most;
    const cells = rows
      .filter(holds)
      .flatMap((row) => {
        const value = seen(row);
        return value === undefined ? [] : [{ row, value }];
      })
      .sort((a, b) => (isLeast ? a.value - b.value : b.value - a.value))
      .map(({ row, value }) => ({
        where: `${row.data}, ${row.mode}, ${describeSet(row)}, limit ${row.limit}`,
        seen: value.toFixed(digits),
        kept: isLeast ? value >= limit : value <= limit,
      }));
    return {
      what,
      wanted: `${isLeast ? '≥' : '≤'} ${limit}`,
      cells,
      kept: cells.every(({ kept }) => kept),
    };
  }).filter(({ cells }) => cells.length > 0);
}

/** True when something was measured of them, and each was met in each of its cells. */
export function allKept(verdicts: readonly VectorVerdict[]): boolean {
  return verdicts.length > 0 && verdicts.every(({ kept }) => kept);
}

function isBy(name: VectorContenderName): (row: VectorRow) => boolean {
  return ({ contender }) => contender === name;
}
