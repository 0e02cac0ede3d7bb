import { describe, expect, it } from 'vitest';
import { QUANTILES } from '../../../src/bench/slice.ts';
import { describePageInBrowser } from '../../../test/support/page-in-browser.ts';
import type { VectorRow } from '../../vectors/summary.ts';
import { CONTENDER_NAMES } from '../contender.ts';
import { suiteContenders } from '../contenders/all.ts';
import { type Group, PLOTS } from '../group.ts';
import type { PeakLoad } from '../peak-load.ts';
import { planned } from '../plan.ts';
import type { GroupResult, SuiteRow } from '../suite-row.ts';
import { judgeSuite } from '../wanted.ts';
import { reportPage } from './report-page.ts';

const MODES = ['direct', 'transaction'] as const;
const groups = planned({
  isQuick: false,
  rows: 100_000,
  plots: PLOTS,
  cases: ['select', 'insert', 'list', 'vector-search', 'page'],
  modes: MODES,
});

function rowOf(group: Group, contender: SuiteRow['contender'], at: number): SuiteRow {
  const us = 900 * (at + 1) * (1 + group.delayMs) + group.rows / 1e3;
  return {
    bench: 'suite',
    ...group,
    contender,
    perSecond: 1e6 / us,
    p50Us: us,
    p99Us: us * 6,
    quantilesUs: QUANTILES.map((share) => us * (0.5 + share * share * 4)),
    cpuUs: us / 9,
    rounds: [1, 1.1, 0.9].map((factor) => ({
      perSecond: factor * (1e6 / us),
      p50Us: us / factor,
      cpuUs: us / 9,
    })),
  };
}

const results: readonly GroupResult[] = groups.map((group) => ({
  group,
  rows: CONTENDER_NAMES.map((contender, at) => rowOf(group, contender, at)),
}));
const peakLoads: readonly PeakLoad[] = [
  {
    contender: 'consolidated-db',
    group: groups[0]!,
    rate: 4_000,
    calls: 12_000,
    failed: 0,
    p50Us: 1_500,
    p95Us: 4_000,
    p99Us: 9_000,
    utilization: 0.4,
  },
];
const recall: readonly VectorRow[] = (['1', '10', '100'] as const).flatMap((selectivity, at) =>
  (['balanced', 'fast', 'plain pgvector', 'exact'] as const).map((contender, other) => ({
    ...({ bench: 'vectors', data: 'synthetic', mode: 'direct', selectivity, contender } as const),
    layout: selectivity === '100' ? 'all' : 'scattered',
    table: selectivity === '100' ? 'own_documents' : 'documents',
    ...{ limit: 10, recall: 1 - other / 10, firstRecall: 1, p50Ms: 2 + at + other, p95Ms: 9, short: 0 },
    ...{ unsorted: 0, timesPlain: 1, timesExact: 1, plan: 'index', calls: 60, runs: 5 },
  })),
);
const page = reportPage({
  facts: ['PostgreSQL 17, fsync off', '<script>document.title = "owned"</script>'],
  startedAt: '2026-11-30T12:00:00.000Z',
  contenders: suiteContenders(CONTENDER_NAMES),
  results,
  peakLoads,
  recall,
  verdicts: judgeSuite({ results, peakLoads, recall }),
});

describe('the page of a run', () => {
  it('needs nothing else: no scripts, nothing loaded', () => {
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|src=/);
    expect(page).toContain('&lt;script&gt;');
  });

  it('says of each plot what its axes are, and in which unit', () => {
    const captions = [...page.matchAll(/<figcaption>.*<span class="faint">(.*?)<\/span><\/figcaption>/g)];
    expect(captions.length).toBe(page.split('<figure>').length - 1);
    expect(captions.length).toBeGreaterThan(20);
    for (const [, axes] of captions) expect(axes).toMatch(/calls a second|milliseconds/);
  });

  it('shows every contender in every plot that it took part in, with a colour of its own', () => {
    for (const { group, rows } of results.filter(
      ({ group: { plot, tasks } }) => plot === 'work' && tasks > 1,
    )) {
      for (const { contender } of rows) {
        const told = `${contender}: ${Math.round(rows.find((row) => row.contender === contender)!.perSecond)} calls a second`;
        expect(page, `${group.case} ${group.mode}`).toContain(told);
      }
    }
    const colors = [...page.matchAll(/\.(c-[\w-]+) \{ color: (#\w+) \}/g)].map(
      ([, name, color]) => `${name} ${color}`,
    );
    expect(new Set(colors).size).toBe(2 * CONTENDER_NAMES.length);
  });

  it('says what was wanted and what was measured', () => {
    expect(page).toMatch(/<td>uncached select<\/td><td>postgres\.js<\/td><td class="number">≥ 3\.5×<\/td>/);
    expect(page).toMatch(
      /connections in use<\/td><td><\/td><td class="number">&lt; 80 %<\/td><td class="number met">40 %<\/td>/,
    );
  });

  it('shows what each search finds and how long it takes', () => {
    expect(page).toContain('fast: 0.900 at 4 ms');
    expect(page).toContain('10 % scattered of the rows');
  });
});

describePageInBrowser('the page of a run', () => page);
