import { describe, expect, it } from 'vitest';
import { defineBench } from '../../src/bench/define-bench.ts';
import { benchPage } from '../../src/bench/html/bench-page.ts';
import type { BenchRun } from '../../src/bench/run-bench.ts';
import { QUANTILES } from '../../src/bench/slice.ts';
import { describePageInBrowser } from '../support/page-in-browser.ts';

const contender = { open: () => 1, close: () => {}, recipe: '<b>ten</b> connections' };
const bench = defineBench({
  contenders: { ours: contender, WWWWWWWWWWWWWWWWWWWWWWWW: contender, third: contender },
  cases: {
    'a list': { about: '</figcaption><script>', ways: { ours: () => 1, WWWWWWWWWWWWWWWWWWWWWWWW: () => 1 } },
    'without the baseline': { ways: { third: () => 1, WWWWWWWWWWWWWWWWWWWWWWWW: () => 1 } },
  },
});
const run: BenchRun = {
  facts: ['<script>document.title = "owned"</script>'],
  warnings: ['<img src=x>'],
  startedAt: '2026-11-30T12:00:00.000Z',
  bench,
  results: bench.cases.flatMap((measured) =>
    bench.concurrency.map((tasks) => ({
      measured,
      tasks,
      rows: [...measured.ways.keys()].map((name, at) => {
        const us = 0.1 + 900 * at * tasks;
        const figures = { perSecond: 1e6 / us, p50Us: us, cpuUs: us / 9 };
        return {
          case: measured.name,
          contender: name,
          tasks,
          ...figures,
          p99Us: us * 6,
          quantilesUs: QUANTILES.map((share) => us * (0.5 + share)),
          rounds: [figures, figures, figures],
        };
      }),
    })),
  ),
};
const page = benchPage(run);

describe('the page of a bench', () => {
  it('needs nothing else, and shows texts as texts', () => {
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|src="|<b>ten/);
    expect(page).toContain('&lt;img src=x&gt;');
  });

  it('has the figures of each case with each number of calls at a time, in drawings and in a table', () => {
    expect(page.split('<figure>').length - 1).toBe(2 * 2 * 2 + 2 * 2);
    for (const { measured, tasks } of run.results) {
      expect(page).toContain(`<h2>${measured.name}, ${tasks} at a time</h2>`);
    }
    expect(page).toContain('behind the dot: ours against it');
    expect(page).toContain('behind the dot: third against it');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describePageInBrowser('the page of a bench', () => page);
