import { throughputBars } from '../../../src/bench/html/bars.ts';
import { latencyDistributions } from '../../../src/bench/html/distributions.ts';
import { escaped } from '../../../src/bench/html/escaped.ts';
import { figuresSection, htmlPage, numbersTable } from '../../../src/bench/html/html-page.ts';
import { type Legend, legendList } from '../../../src/bench/html/legend.ts';
import { lines } from '../../../src/bench/html/lines.ts';
import { points } from '../../../src/bench/html/points.ts';
import { describeSet } from '../../vectors/search-set.ts';
import type { VectorRow } from '../../vectors/summary.ts';
import { CASE_TEXT, CONTENDER_NAMES, type SuiteContender } from '../contender.ts';
import type { Group, PlotName } from '../group.ts';
import { PEAK_LOAD_TITLES, type PeakLoad, peakLoadCells } from '../peak-load.ts';
import type { GroupResult, SuiteRow } from '../suite-row.ts';
import type { SuiteVerdict } from '../wanted.ts';

export interface ReportInput {
  readonly facts: readonly string[];
  readonly startedAt: string;
  readonly contenders: readonly SuiteContender[];
  readonly results: readonly GroupResult[];
  readonly peakLoads: readonly PeakLoad[];
  readonly recall: readonly VectorRow[];
  readonly verdicts: readonly SuiteVerdict[];
}

const LEGEND: Legend = { contenders: CONTENDER_NAMES, baseline: 'consolidated-db' };

const INTRODUCTION = `<p>Every contender reads and writes the same rows under the same policies, over as many connections as each other, in turns of one run; each
first proved that it sees its own rows only. Ratios are medians of the rounds, and “no difference” stands where the noise of this
machine is larger than what was measured.</p>`;

export function reportPage({
  facts,
  startedAt,
  contenders,
  results,
  peakLoads,
  recall,
  verdicts,
}: ReportInput): string {
  return htmlPage({
    title: `consolidated-db: benchmark of ${startedAt.slice(0, 10)}`,
    heading: 'The same work, as users under row level security',
    facts,
    startedAt,
    introduction: INTRODUCTION,
    legend: LEGEND,
    shown: contenders.map(({ name }) => name),
    sections: [
      work(results),
      grown(results),
      found(recall),
      peakTable(peakLoads),
      wantedTable(verdicts),
      recipes(contenders),
    ],
  });
}

function work(results: readonly GroupResult[]): string {
  const groups = results.filter(({ group }) => group.plot === 'work');
  const title = ({ case: name, mode }: Group) => `${name}, ${mode}: ${CASE_TEXT[name]}`;
  const alone = groups.filter(({ group }) => group.tasks === 1);
  const many = groups.filter(({ group }) => group.tasks > 1);
  const [one] = alone;
  const [several] = many;
  return [
    figuresSection(
      'How long one user waits',
      `\n<p>One call after the other, ${one?.group.delayMs} ms of network for each round trip.</p>`,
      alone.map(({ group, rows }) => latencyDistributions(title(group), rows, LEGEND)),
    ),
    figuresSection(
      'How much can be done',
      `\n<p>${several?.group.tasks} users at a time, ${several?.group.delayMs} ms of network for each round trip. Clients, servers and pooler share this
machine, so that what all of them compute decides.</p>`,
      many.map(({ group, rows }) => throughputBars(title(group), rows, LEGEND)),
    ),
  ].join('\n');
}

const SEARCHES: Legend = {
  contenders: ['balanced', 'fast', 'exact', 'plain pgvector', 'iterative ef 100', 'iterative ef 400'],
  baseline: 'balanced',
};

/** What a search finds, and what that costs. */
function found(recall: readonly VectorRow[]): string {
  const sets = [...new Set(recall.map(describeSet))];
  const shown = [...new Set(recall.map(({ contender }) => contender))];
  return figuresSection(
    'What a search finds, and how long it takes',
    `\n<p>The ten nearest of all rows that the user may see, who owns a part of them: scattered among all vectors, or in one region of them.
“balanced” and “fast” are ours.</p>\n${legendList(SEARCHES, shown)}`,
    sets.map((set) => {
      const some = recall.filter((row) => describeSet(row) === set);
      return points(
        some.map(({ contender, p50Ms, recall: share }) => ({ contender, x: p50Ms, share })),
        SEARCHES,
        {
          title: `${set} of the rows`,
          axes: 'across: milliseconds of the middle call, logarithmic; up: recall, the share that is found',
          unit: 'ms',
        },
      );
    }),
  );
}

interface Growth {
  readonly plot: PlotName;
  readonly title: string;
  readonly axes: string;
  readonly x: (row: SuiteRow) => number;
  readonly y: (row: SuiteRow) => number;
  readonly unit: string;
}

const perSecond = { y: (row: SuiteRow) => row.perSecond, unit: 'calls a second' };
const milliseconds = { y: (row: SuiteRow) => row.p50Us / 1e3, unit: 'ms' };

const GROWTHS: readonly Growth[] = [
  {
    plot: 'concurrency',
    title: 'users who call at the same time',
    axes: 'across: users; up: calls a second',
    x: ({ tasks }) => tasks,
    ...perSecond,
  },
  {
    plot: 'concurrency',
    title: 'users who call at the same time',
    axes: 'across: users; up: milliseconds of the middle call',
    x: ({ tasks }) => tasks,
    ...milliseconds,
  },
  {
    plot: 'network',
    title: 'a network that is further away',
    axes: 'across: ms for each round trip; up: milliseconds of the middle call',
    x: ({ delayMs }) => delayMs,
    ...milliseconds,
  },
  {
    plot: 'rows',
    title: 'more rows in the table',
    axes: 'across: rows; up: milliseconds of the middle call',
    x: ({ rows }) => rows,
    ...milliseconds,
  },
  {
    plot: 'users',
    title: 'more users who own the rows',
    axes: 'across: users; up: milliseconds of the middle call',
    x: ({ users }) => users,
    ...milliseconds,
  },
  {
    plot: 'processes',
    title: 'more processes on this machine',
    axes: 'across: processes; up: calls a second of all together',
    x: ({ processes }) => processes,
    ...perSecond,
  },
];

/** Lines need two points at least. */
function grown(results: readonly GroupResult[]): string {
  const figures = GROWTHS.flatMap((growth) => {
    const rows = results.filter(({ group }) => group.plot === growth.plot).flatMap((result) => result.rows);
    const cases = [...new Set(rows.map((row) => row.case))];
    return cases.flatMap((name) => {
      const some = rows.filter((row) => row.case === name);
      if (new Set(some.map(growth.x)).size < 2) return [];
      return [lines(some, LEGEND, { ...growth, title: `${name}: ${growth.title}` })];
    });
  });
  return figuresSection('What happens when it grows', '', figures);
}

function peakTable(loads: readonly PeakLoad[]): string {
  const [first] = loads;
  if (first === undefined) return '';
  return `
<h2>Many users who come on their own</h2>
<p>${first.group.tasks} users ask at random moments, together 70 % of the calls a second that the contender can answer at most, on
${first.group.connections} connections. A latency begins when its call was due.</p>
${numbersTable(PEAK_LOAD_TITLES, loads.map(peakLoadCells))}`;
}

function wantedTable(verdicts: readonly SuiteVerdict[]): string {
  const measured = verdicts.filter(({ seen }) => seen !== undefined);
  if (measured.length === 0) return '';
  const rows = measured.map(
    ({ what, against, wanted, seen = '', kept }) =>
      `<tr><td>${escaped(what)}</td><td>${escaped(against)}</td><td class="number">${escaped(wanted)}</td><td class="number ${kept ? 'met' : 'missed'}">${escaped(seen)}</td></tr>`,
  );
  return `
<h2>What is wanted of it</h2>
<div class="table"><table>
<tr><th>work</th><th>against</th><th class="number">at least or most</th><th class="number">measured</th></tr>
${rows.join('\n')}
</table></div>`;
}

function recipes(contenders: readonly SuiteContender[]): string {
  const rows = contenders.map(
    ({ name, recipe, source }) =>
      `<tr><td>${escaped(name)}</td><td>${escaped(recipe)}</td><td>${link(source)}</td></tr>`,
  );
  return `
<h2>How each of them works</h2>
<div class="table"><table>
<tr><th>contender</th><th>for each call</th><th>as told by</th></tr>
${rows.join('\n')}
</table></div>`;
}

function link(source: string): string {
  const name = escaped(source);
  return source.startsWith('https://') ? `<a href="${name}">${name}</a>` : name;
}
