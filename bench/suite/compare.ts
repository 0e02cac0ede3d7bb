import { median } from '../statistics.ts';
import { type ContenderName, PEERS } from './contender.ts';
import { describeGroup } from './group.ts';
import type { Figure, SuiteRow } from './suite-row.ts';

/** Ours in one group, or in all of them together, then and now. */
export interface Change {
  readonly where: string;
  readonly contender: ContenderName;
  readonly figure: Figure;
  /** Now against then: 0.85 is 15 % worse, whatever the figure. */
  readonly ratio: number;
  readonly verdict: 'slower' | 'faster' | 'no difference';
}

interface Judged {
  readonly ratio: number;
  readonly verdict: Change['verdict'];
}

const FIGURES: readonly Figure[] = ['perSecond', 'p50Us', 'cpuUs'];

/**
 * A run has dozens of groups. A single one is called changed only when the change is large and far beyond its noise: otherwise one
 * of so many would be called so in most pairs of runs of the same code.
 */
const IN_ONE_GROUP = { atLeast: 0.1, sure: 6 };
/** Of all groups together, smaller changes are sure. */
const OVERALL = { atLeast: 0.04, sure: 4 };
/** Fewer rounds say too little about their own noise. */
const FEWEST_ROUNDS = 3;

/**
 * Finds what became slower since an earlier run, on the same machine. The machine itself is not the same twice, so ours is first
 * compared with the peers of its own run, round by round: their code is the same in both.
 */
export function compareRuns(before: readonly SuiteRow[], now: readonly SuiteRow[]): readonly Change[] {
  const earlier = new Map(before.map((row) => [keyOf(row), row]));
  const changes: Change[] = [];
  for (const figure of FIGURES) {
    const shifts: number[] = [];
    for (const row of now) {
      const old = earlier.get(keyOf(row));
      if (PEERS.includes(row.contender) || old === undefined) continue;
      const [oldPeers, peers] = [peersOf(old, before), peersOf(row, now)];
      const then = againstPeers(old, alsoIn(peers, oldPeers), figure);
      const since = againstPeers(row, alsoIn(oldPeers, peers), figure);
      if (then.length < FEWEST_ROUNDS || since.length < FEWEST_ROUNDS) continue;
      const shift = median(since) - median(then);
      shifts.push(shift);
      changes.push({
        where: describeGroup(row),
        contender: row.contender,
        figure,
        ...judged(shift, Math.hypot(errorOf(then), errorOf(since)), IN_ONE_GROUP),
      });
    }
    if (shifts.length >= FEWEST_ROUNDS) {
      const overall = judged(median(shifts), errorOf(shifts), OVERALL);
      changes.push({ where: 'all groups together', contender: 'consolidated-db', figure, ...overall });
    }
  }
  return changes;
}

/** What identifies a row in two runs. */
function keyOf(row: SuiteRow): string {
  const { plot, mode, delayMs, tasks, connections, rows, users, processes, contender } = row;
  return JSON.stringify([
    plot,
    row.case,
    mode,
    delayMs,
    tasks,
    connections,
    rows,
    users,
    processes,
    contender,
  ]);
}

function peersOf(row: SuiteRow, rows: readonly SuiteRow[]): readonly SuiteRow[] {
  return rows.filter((each) => PEERS.includes(each.contender) && isSameGroup(each, row));
}

/** Some peers have to be installed, and may have been measured in one of the runs alone. */
function alsoIn(others: readonly SuiteRow[], peers: readonly SuiteRow[]): readonly SuiteRow[] {
  return peers.filter((peer) => others.some(({ contender }) => contender === peer.contender));
}

/** For each round, how many times better than the peers' mean, as a logarithm. */
function againstPeers(row: SuiteRow, peers: readonly SuiteRow[], figure: Figure): readonly number[] {
  if (peers.length === 0) return [];
  const better = (value: number) => (figure === 'perSecond' ? Math.log(value) : -Math.log(value));
  return row.rounds.flatMap((round, at) => {
    const others = peers.flatMap((peer) =>
      peer.rounds[at] === undefined ? [] : [better(peer.rounds[at][figure])],
    );
    if (others.length < peers.length) return [];
    return [better(round[figure]) - others.reduce((sum, value) => sum + value, 0) / others.length];
  });
}

function isSameGroup(first: SuiteRow, second: SuiteRow): boolean {
  return keyOf({ ...first, contender: second.contender }) === keyOf(second);
}

/** How far the median of these may stray. */
function errorOf(values: readonly number[]): number {
  const middle = median(values);
  const deviation = 1.4826 * median(values.map((value) => Math.abs(value - middle)));
  return (1.2533 * deviation) / Math.sqrt(values.length);
}

function judged(shift: number, error: number, { atLeast, sure }: typeof OVERALL): Judged {
  const ratio = Math.exp(shift);
  const isSure = Math.abs(shift) > sure * error;
  if (isSure && ratio < 1 - atLeast) return { ratio, verdict: 'slower' };
  if (isSure && ratio > 1 + atLeast) return { ratio, verdict: 'faster' };
  return { ratio, verdict: 'no difference' };
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
