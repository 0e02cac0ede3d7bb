import { type Figure, roundRatios } from '../../src/bench/bench-row.ts';
import { median } from '../../src/bench/statistics.ts';
import type { BenchMode } from '../contender.ts';
import type { VectorRow } from '../vectors/summary.ts';
import { type CaseName, type ContenderName, PEERS } from './contender.ts';
import type { PlotName } from './group.ts';
import type { PeakLoad } from './peak-load.ts';
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

/** How long one user waits. */
const ALONE = { figure: 'p50Us', plot: 'work', mode: 'direct', tasks: 1 } as const;
const TEN = { figure: 'perSecond', plot: 'work', mode: 'direct', tasks: 10 } as const;

export const WANTED: readonly WantedRatio[] = [
  { what: 'uncached select', against: 'best peer', case: 'select', atLeast: 3.5, ...ALONE },
  { what: 'insert', against: 'best peer', case: 'insert', atLeast: 2.5, ...ALONE },
  { what: 'page of mixed work', against: 'best peer', case: 'page', atLeast: 3, ...ALONE },
  {
    what: 'vector search without filters',
    against: 'best peer',
    case: 'vector-search',
    atLeast: 1.4,
    ...ALONE,
  },
  { what: 'throughput of ten users', against: 'best peer', case: 'select', atLeast: 2.5, ...TEN },
  // What the first plan hoped for, in percent less time than the pile of old services: 93, 40, 40, 40 and 60.
  { what: 'cached select', against: 'per-call', case: 'select-again', atLeast: 14.3, ...ALONE },
  { what: 'uncached select', against: 'per-call', case: 'select', atLeast: 1.67, ...ALONE },
  { what: 'insert', against: 'per-call', case: 'insert', atLeast: 1.67, ...ALONE },
  { what: 'vector search', against: 'per-call', case: 'vector-search', atLeast: 1.67, ...ALONE },
  { what: 'ten users at once', against: 'per-call', case: 'select', atLeast: 2.5, ...TEN },
];

/** Something that is wanted, and what was measured of it. */
export interface SuiteVerdict {
  readonly what: string;
  readonly against: string;
  readonly wanted: string;
  /** Undefined where it was not measured. */
  readonly seen: string | undefined;
  readonly kept: boolean;
}

export interface Judged {
  readonly results: readonly GroupResult[];
  readonly peakLoads: readonly PeakLoad[];
  readonly recall: readonly VectorRow[];
}

export function judgeSuite({ results, peakLoads, recall }: Judged): readonly SuiteVerdict[] {
  return [
    ...WANTED.map((wanted) => judgedRatio(wanted, results)),
    ...judgedLoad(peakLoads.find(({ contender }) => contender === OURS)),
    ...judgedSearches(recall),
  ];
}

const OURS: ContenderName = 'consolidated-db';

function judgedRatio(wanted: WantedRatio, results: readonly GroupResult[]): SuiteVerdict {
  const found = results.find(
    ({ group }) =>
      group.plot === wanted.plot &&
      group.case === wanted.case &&
      group.mode === wanted.mode &&
      group.tasks === wanted.tasks,
  );
  const ours = found?.rows.find(({ contender }) => contender === OURS);
  const others = (found?.rows ?? []).filter(({ contender }) =>
    wanted.against === 'best peer' ? PEERS.includes(contender) : contender === wanted.against,
  );
  const best = ours === undefined ? undefined : strongest(ours, others, wanted.figure);
  return {
    what: wanted.what,
    against: wanted.against === 'best peer' && best !== undefined ? best.name : wanted.against,
    wanted: `≥ ${wanted.atLeast}×`,
    seen: best && times(best.ratio),
    kept: best !== undefined && best.ratio >= wanted.atLeast,
  };
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

/** Of many users who come on their own. */
function judgedLoad(load: PeakLoad | undefined): readonly SuiteVerdict[] {
  const below = (what: string, most: number, unit: string, seen: number | undefined): SuiteVerdict => ({
    what: `1,000 users on their own: ${what}`,
    against: '',
    wanted: `< ${most}${unit}`,
    seen: seen === undefined ? undefined : `${Number(seen.toPrecision(3))}${unit}`,
    kept: seen !== undefined && seen < most,
  });
  return [
    below('p99 ÷ p50', 10, '×', load && load.p99Us / load.p50Us),
    below('p95', 100, ' ms', load && load.p95Us / 1e3),
    below('connections in use', 80, ' %', load?.utilization && load.utilization * 100),
    below('failed calls', 1, '', load?.failed),
  ];
}

const LEAST_RECALL = 0.95;
/** Recalls that differ by less are the same: of 600 rows to be found, 3. */
const SAME_RECALL = 0.005;

/** Where the user owns a part of the rows: enough is found, and nobody finds as much in less time. */
function judgedSearches(recall: readonly VectorRow[]): readonly SuiteVerdict[] {
  return (['1', '10'] as const).flatMap((selectivity): readonly SuiteVerdict[] => {
    const ours = recall.filter((row) => row.selectivity === selectivity && row.contender === 'balanced');
    const where = `search among ${selectivity} % of the rows`;
    const least = ours.length === 0 ? undefined : Math.min(...ours.map((row) => row.recall));
    const ratios = ours
      .flatMap((row) => fastestAsGood(row, recall))
      .sort((one, other) => one.ratio - other.ratio);
    const [worst] = ratios;
    return [
      {
        what: `${where}: recall@10`,
        against: '',
        wanted: `≥ ${LEAST_RECALL}`,
        seen: least?.toFixed(3),
        kept: least !== undefined && least >= LEAST_RECALL,
      },
      {
        what: `${where}: latency`,
        against: worst === undefined ? 'a peer that finds as much' : worst.name,
        wanted: '≥ 1×',
        seen: worst && times(worst.ratio),
        kept: worst !== undefined && worst.ratio >= 1,
      },
    ];
  });
}

function fastestAsGood(
  ours: VectorRow,
  rows: readonly VectorRow[],
): readonly { readonly name: string; readonly ratio: number }[] {
  return rows
    .filter(
      (row) =>
        row.selectivity === ours.selectivity &&
        row.layout === ours.layout &&
        row.contender !== 'balanced' &&
        row.contender !== 'fast' &&
        row.recall >= ours.recall - SAME_RECALL,
    )
    .map((row) => ({ name: `${row.contender}, ${row.layout}`, ratio: row.p50Ms / ours.p50Ms }))
    .sort((one, other) => one.ratio - other.ratio)
    .slice(0, 1);
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)}×`;
}
