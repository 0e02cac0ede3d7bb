import { describe, expect, it } from 'vitest';
import type { VectorRow } from '../vectors/summary.ts';
import type { PeakLoad } from './peak-load.ts';
import { planned } from './plan.ts';
import type { GroupResult, SuiteRow } from './suite-row.ts';
import { judgeSuite } from './wanted.ts';

const [group] = planned({
  ...{ isQuick: false, rows: 1_000, plots: ['work'], cases: ['select'], modes: ['direct'] },
});

/** One user, and how long each contender takes. */
function results(us: Readonly<Partial<Record<SuiteRow['contender'], number>>>): readonly GroupResult[] {
  const rows = Object.entries(us).map(([contender, p50Us]): SuiteRow => {
    const figures = { perSecond: 1e6 / p50Us, p50Us, cpuUs: p50Us / 10 };
    return {
      bench: 'suite',
      ...{ ...group!, contender: contender as SuiteRow['contender'], ...figures },
      ...{ p99Us: p50Us, quantilesUs: [], rounds: [figures, figures, figures] },
    };
  });
  return [{ group: group!, rows }];
}

const LOAD: PeakLoad = {
  ...{ contender: 'consolidated-db', group: group!, rate: 100, calls: 1_000, failed: 0 },
  ...{ p50Us: 2_000, p95Us: 50_000, p99Us: 19_000, utilization: 0.7 },
};

function search(contender: VectorRow['contender'], recall: number, p50Ms: number): VectorRow {
  return {
    ...{
      bench: 'vectors',
      data: 'synthetic',
      mode: 'direct',
      selectivity: '10',
      layout: 'scattered',
      table: 'documents',
    },
    ...{ limit: 10, contender, recall, firstRecall: recall, p50Ms, p95Ms: p50Ms, short: 0, unsorted: 0 },
    ...{ timesPlain: undefined, timesExact: undefined, plan: '', calls: 60, runs: 5 },
  } as const;
}

/** Of what was measured only. */
function judged(input: Partial<Parameters<typeof judgeSuite>[0]>) {
  const verdicts = judgeSuite({ results: [], peakLoads: [], recall: [], ...input });
  return verdicts
    .filter(({ seen }) => seen !== undefined)
    .map(({ what, against, seen, kept }) => [what, against, seen, kept]);
}

describe('what is wanted of the suite', () => {
  it('is measured against the peer that does best, and against nobody who is no peer', () => {
    const us = { 'consolidated-db': 1_000, 'postgres.js': 3_600, pg: 5_000, 'named-pooled': 900 };
    expect(judged({ results: results(us) })).toEqual([['uncached select', 'postgres.js', '3.60×', true]]);
    expect(judged({ results: results({ ...us, pg: 3_400 }) })).toEqual([
      ['uncached select', 'pg', '3.40×', false],
    ]);
  });

  it('is that the many who come on their own are answered steadily, over connections that are not all in use', () => {
    expect(judged({ peakLoads: [LOAD] }).map(([, , seen, kept]) => [seen, kept])).toEqual([
      ['9.5×', true],
      ['50 ms', true],
      ['70 %', true],
      ['0', true],
    ]);
    const worse = { ...LOAD, p99Us: 21_000, p95Us: 100_000, utilization: 0.8, failed: 1 };
    expect(judged({ peakLoads: [worse] }).every(([, , , kept]) => kept === false)).toBe(true);
  });

  it('is that a search among a part of the rows finds enough, no slower than a peer that finds as much', () => {
    const ours = search('balanced', 0.98, 4);
    const quicker = search('plain pgvector', 0.5, 1);
    expect(judged({ recall: [ours, quicker, search('exact', 1, 5)] })).toEqual([
      ['search among 10 % of the rows: recall@10', '', '0.980', true],
      ['search among 10 % of the rows: latency', 'exact, scattered', '1.25×', true],
    ]);
    expect(judged({ recall: [ours, quicker, search('iterative ef 400', 0.976, 3)] })[1]).toEqual([
      ...['search among 10 % of the rows: latency', 'iterative ef 400, scattered', '0.75×', false],
    ]);
    expect(judged({ recall: [search('balanced', 0.94, 4)] })[0]?.[3]).toBe(false);
  });

  it('counts as missed what was not measured', () => {
    const verdicts = judgeSuite({ results: [], peakLoads: [], recall: [] });
    expect(verdicts.length).toBeGreaterThan(15);
    expect(verdicts.some(({ kept }) => kept)).toBe(false);
  });
});
