import type { BenchRow } from '../bench-row.ts';
import type { BenchRun, CaseResult } from '../run-bench.ts';
import { comparisonCells, comparisonTitles } from '../text-report.ts';
import { throughputBars } from './bars.ts';
import { latencyDistributions } from './distributions.ts';
import { escaped } from './escaped.ts';
import { figuresSection, htmlPage, numbersTable } from './html-page.ts';
import type { Legend } from './legend.ts';
import { lines } from './lines.ts';

/** The page of a bench of somebody's own. */
export function benchPage({ facts, warnings, startedAt, bench, results }: BenchRun): string {
  const legend: Legend = { contenders: [...bench.contenders.keys()], baseline: bench.baseline };
  const of = ({ measured: { baseline } }: CaseResult): Legend => ({ ...legend, baseline });
  const rows = results.flatMap((result) => result.rows);
  const taking = legend.contenders.filter((name) => rows.some(({ contender }) => contender === name));
  const perStep = bench.concurrency.flatMap((tasks) => {
    const some = results.filter((result) => result.tasks === tasks);
    const title = ({ measured: { name, about } }: CaseResult) => (about === '' ? name : `${name}: ${about}`);
    return [
      figuresSection(
        `${tasks} at a time: how many calls`,
        '',
        some.map((result) => throughputBars(title(result), result.rows, of(result))),
      ),
      figuresSection(
        `${tasks} at a time: how long they took`,
        '',
        some.map((result) => latencyDistributions(title(result), result.rows, of(result))),
      ),
    ];
  });
  return htmlPage({
    title: `Benchmark of ${startedAt.slice(0, 10)}`,
    heading: 'The same work, done in several ways',
    facts,
    startedAt,
    introduction: [
      '<p>All ways had turns in one run. Ratios are medians of the rounds, and “no difference” stands where the noise of this machine is larger than what was measured.</p>',
      ...warnings.map((warning) => `<p>⚠ ${escaped(warning)}</p>`),
    ].join('\n'),
    legend,
    shown: taking,
    sections: [
      ...perStep,
      figuresSection('More calls at the same time', '', growth(rows, legend)),
      ...results.map(({ measured, tasks, rows: some }) => {
        const titles = comparisonTitles(some, measured.baseline, `${measured.baseline} is`);
        const cells = comparisonCells(some, measured.baseline);
        return `\n<h2>${escaped(`${measured.name}, ${tasks} at a time`)}</h2>\n${numbersTable(titles, cells)}`;
      }),
      recipes(bench, taking),
    ],
  });
}

/** Lines need two points at least. */
function growth(rows: readonly BenchRow[], legend: Legend): string[] {
  if (new Set(rows.map(({ tasks }) => tasks)).size < 2) return [];
  return [...new Set(rows.map((row) => row.case))].flatMap((name) => {
    const some = rows.filter((row) => row.case === name);
    const x = ({ tasks }: BenchRow) => tasks;
    return [
      lines(some, legend, {
        title: name,
        axes: 'across: calls at the same time; up: calls a second',
        x,
        y: ({ perSecond }) => perSecond,
        unit: 'calls a second',
      }),
      lines(some, legend, {
        title: name,
        axes: 'across: calls at the same time; up: milliseconds of the middle call',
        x,
        y: ({ p50Us }) => p50Us / 1e3,
        unit: 'ms',
      }),
    ];
  });
}

function recipes({ contenders }: BenchRun['bench'], taking: readonly string[]): string {
  const told = taking.filter((name) => contenders.get(name)?.recipe !== '');
  if (told.length === 0) return '';
  const items = told.map(
    (name) => `<li><b>${escaped(name)}</b>: ${escaped(contenders.get(name)?.recipe ?? '')}</li>`,
  );
  return `\n<h2>How each of them works</h2>\n<ul>${items.join('')}</ul>`;
}
