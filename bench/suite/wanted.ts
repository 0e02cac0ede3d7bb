import { type Figure, roundRatios } from '../../src/bench/bench-row.ts';
import { median } from '../../src/bench/statistics.ts';
import type { BenchMode } from '../contender.ts';
import { type CaseName, type ContenderName, PEERS } from './contender.ts';
import type { PlotName } from './group.ts';
import type { GroupResult, SuiteRow } from './suite-row.ts';

/** How many times better ours must be than another way, in one group of the plan. */
interface WantedRatio {
  readonly what: string;
  /** `best peer`: the one that did best there. */
  readonly against: 'best peer' | ContenderName;
  readonly figure: Figure;
  readonly plot: PlotName;
  readonly case: CaseName;
  readonly mode: BenchMode;
  readonly tasks: number;
  readonly atLeast: number;
}

const WORK = { figure: 'perSecond', plot: 'work', mode: 'direct', tasks: 10 } as const;

export const WANTED: readonly WantedRatio[] = [
  { what: 'uncached select', against: 'best peer', case: 'select', atLeast: 3.5, ...WORK },
  { what: 'insert', against: 'best peer', case: 'insert', atLeast: 2.5, ...WORK },
  { what: 'page of mixed work', against: 'best peer', case: 'page', atLeast: 3, ...WORK },
  {
    what: 'latency of a vector search without filters',
    against: 'best peer',
    case: 'vector-search',
    atLeast: 1.4,
    ...WORK,
    figure: 'p50Us',
  },
  {
    what: 'throughput with ten users',
    against: 'best peer',
    case: 'select',
    atLeast: 2.5,
    ...WORK,
    plot: 'concurrency',
  },
  // What the first plan hoped for, in percent less time than the pile of old services: 93, 40, 40, 40 and 60.
  {
    what: 'cached select',
    against: 'per-call',
    case: 'select-again',
    atLeast: 14.3,
    ...WORK,
    figure: 'p50Us',
  },
  { what: 'uncached select', against: 'per-call', case: 'select', atLeast: 1.67, ...WORK, figure: 'p50Us' },
  { what: 'insert', against: 'per-call', case: 'insert', atLeast: 1.67, ...WORK, figure: 'p50Us' },
  {
    what: 'vector search',
    against: 'per-call',
    case: 'vector-search',
    atLeast: 1.67,
    ...WORK,
    figure: 'p50Us',
  },
  { what: 'ten users at once', against: 'per-call', case: 'select', atLeast: 2.5, ...WORK },
];

export interface SuiteVerdict {
  readonly what: string;
  readonly against: string;
  readonly atLeast: number;
  /** Undefined where it was not measured. */
  readonly seen: number | undefined;
  readonly kept: boolean;
}

export function judgeSuite(results: readonly GroupResult[]): readonly SuiteVerdict[] {
  return WANTED.map((wanted) => {
    const found = results.find(
      ({ group }) =>
        group.plot === wanted.plot &&
        group.case === wanted.case &&
        group.mode === wanted.mode &&
        group.tasks === wanted.tasks,
    );
    const ours = found?.rows.find(({ contender }) => contender === 'consolidated-db');
    const others = (found?.rows ?? []).filter(({ contender }) =>
      wanted.against === 'best peer' ? PEERS.includes(contender) : contender === wanted.against,
    );
    const best = ours === undefined ? undefined : strongest(ours, others, wanted.figure);
    const named = wanted.against === 'best peer' && best !== undefined ? best.name : wanted.against;
    return {
      what: wanted.what,
      against: named,
      atLeast: wanted.atLeast,
      seen: best?.ratio,
      kept: best !== undefined && best.ratio >= wanted.atLeast,
    };
  });
}

/** The one that ours is the fewest times better than. */
function strongest(
  ours: SuiteRow,
  others: readonly SuiteRow[],
  figure: Figure,
): { readonly name: ContenderName; readonly ratio: number } | undefined {
  return others
    .map((row) => ({ name: row.contender, ratio: median(roundRatios(figure, ours, row)) }))
    .sort((a, b) => a.ratio - b.ratio)[0];
}
