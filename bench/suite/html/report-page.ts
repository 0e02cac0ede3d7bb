import { escaped } from '../../vectors/chart.ts';
import { CASE_TEXT, type SuiteContender } from '../contender.ts';
import type { Group, PlotName } from '../group.ts';
import { PEAK_LOAD_TITLES, type PeakLoad, peakLoadCells } from '../peak-load.ts';
import type { GroupResult, SuiteRow } from '../suite-row.ts';
import type { SuiteVerdict } from '../wanted.ts';
import { className, throughputBars } from './bars.ts';
import { latencyDistributions } from './distributions.ts';
import { lines } from './lines.ts';
import { STYLE } from './style.ts';

export interface ReportInput {
  readonly facts: readonly string[];
  readonly startedAt: string;
  readonly contenders: readonly SuiteContender[];
  readonly results: readonly GroupResult[];
  readonly peakLoads: readonly PeakLoad[];
  readonly verdicts: readonly SuiteVerdict[];
}

/** One page for a person alone: no scripts, nothing loaded from elsewhere, light or dark as the reader has it. */
export function reportPage({
  facts,
  startedAt,
  contenders,
  results,
  peakLoads,
  verdicts,
}: ReportInput): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>consolidated-db: benchmark of ${escaped(startedAt.slice(0, 10))}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>The same work, as users under row level security</h1>
<p class="faint">${facts.map(escaped).join('<br>')}<br>${escaped(startedAt)}</p>
<p>Every contender reads and writes the same rows under the same policies, over as many connections as each other, in turns of one run; each
first proved that it sees its own rows only. Ratios are medians of the rounds, and “no difference” stands where the noise of this
machine is larger than what was measured.</p>
${legend(contenders)}
${work(results)}
${grown(results)}
${peakTable(peakLoads)}
${wantedTable(verdicts)}
${recipes(contenders)}
</main>
</body>
</html>
`;
}

function legend(contenders: readonly SuiteContender[]): string {
  const items = contenders.map(
    ({ name }) => `<li class="${className({ contender: name })}">● <b>${escaped(name)}</b></li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

function work(results: readonly GroupResult[]): string {
  const groups = results.filter(({ group }) => group.plot === 'work');
  if (groups.length === 0) return '';
  const title = ({ case: name, mode }: Group) => `${name}, ${mode}: ${CASE_TEXT[name]}`;
  const { tasks, delayMs } = groups[0]!.group;
  return `
<h2>What an application does</h2>
<p>${tasks} users at a time, ${delayMs} ms of network for each round trip.</p>
<div class="figures">
${groups.map(({ group, rows }) => throughputBars(title(group), rows)).join('\n')}
</div>
<h2>How long the calls took</h2>
<div class="figures">
${groups.map(({ group, rows }) => latencyDistributions(title(group), rows)).join('\n')}
</div>`;
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
      return [lines(some, { ...growth, title: `${name}: ${growth.title}` })];
    });
  });
  if (figures.length === 0) return '';
  return `\n<h2>What happens when it grows</h2>\n<div class="figures">\n${figures.join('\n')}\n</div>`;
}

function peakTable(loads: readonly PeakLoad[]): string {
  const [first] = loads;
  if (first === undefined) return '';
  const cells = (tag: string, texts: readonly string[]) =>
    `<tr>${texts.map((content, at) => `<${tag}${at === 0 ? '' : ' class="number"'}>${escaped(content)}</${tag}>`).join('')}</tr>`;
  return `
<h2>Many users who come on their own</h2>
<p>${first.group.tasks} users ask at random moments, together 70 % of the calls a second that the contender can answer at most, on
${first.group.connections} connections. A latency begins when its call was due.</p>
<div class="table"><table>
${cells('th', PEAK_LOAD_TITLES)}
${loads.map((load) => cells('td', peakLoadCells(load))).join('\n')}
</table></div>`;
}

function wantedTable(verdicts: readonly SuiteVerdict[]): string {
  const measured = verdicts.filter(({ seen }) => seen !== undefined);
  if (measured.length === 0) return '';
  const rows = measured.map(
    ({ what, against, atLeast, seen, kept }) =>
      `<tr><td>${escaped(what)}</td><td>${escaped(against)}</td><td class="number">${atLeast}×</td><td class="number ${kept ? 'met' : 'missed'}">${seen!.toFixed(2)}×</td></tr>`,
  );
  return `
<h2>What is wanted of it</h2>
<div class="table"><table>
<tr><th>work</th><th>against</th><th class="number">at least</th><th class="number">measured</th></tr>
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
