import { type Change, compareRuns } from '../../src/bench/compare-runs.ts';
import { PEERS } from './contender.ts';
import { describeGroup } from './group.ts';
import type { SuiteRow } from './suite-row.ts';

/** Finds where ours became slower since an earlier run, against the peers of each run. Says nothing of groups without peers. */
export function compareSuites(before: readonly SuiteRow[], now: readonly SuiteRow[]): readonly Change[] {
  const withPeers = new Set(now.filter((row) => isPeer(row)).map(groupOf));
  return compareRuns(
    before,
    now.filter((row) => withPeers.has(groupOf(row))),
    { groupOf, describe: describeGroup, isYardstick: isPeer, watched: 'consolidated-db' },
  );
}

function isPeer({ contender }: SuiteRow): boolean {
  return PEERS.some((peer) => peer === contender);
}

function groupOf(row: SuiteRow): string {
  const { plot, mode, delayMs, tasks, connections, rows, users, processes } = row;
  return JSON.stringify([plot, row.case, mode, delayMs, tasks, connections, rows, users, processes]);
}

/** So that a file of another kind is refused before hours of measuring. */
export function rowsOfRun(name: string, text: string): readonly SuiteRow[] {
  const parsed: unknown = JSON.parse(text);
  const rows = typeof parsed === 'object' && parsed !== null && 'rows' in parsed ? parsed.rows : undefined;
  if (Array.isArray(rows) && rows.every(isSuiteRow)) return rows;
  throw new TypeError(`${name} is no file that --json of the suite has written.`);
}

function isSuiteRow(row: unknown): row is SuiteRow {
  return (
    typeof row === 'object' &&
    row !== null &&
    (row as Partial<SuiteRow>).bench === 'suite' &&
    Array.isArray((row as Partial<SuiteRow>).rounds)
  );
}
