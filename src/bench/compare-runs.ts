import type { BenchRow, Figure } from './bench-row.ts';
import { median } from './statistics.ts';

/** One contender in one group, or in all of them together, then and now. */
export interface Change {
  readonly where: string;
  readonly contender: string;
  readonly figure: Figure;
  /** Now against then: 0.85 is 15 % worse, whatever the figure. */
  readonly ratio: number;
  readonly verdict: 'slower' | 'faster' | 'no difference';
}

/** What two runs are compared by. */
interface RunsCompared<Row extends BenchRow> {
  /** What identifies the group of a row in two runs. */
  readonly groupOf: (row: Row) => string;
  readonly describe: (row: Row) => string;
  /**
   * Whether a row is a yardstick: the others are measured against the yardsticks of their own run. Where a group has none,
   * figures are compared as they are.
   */
  readonly isYardstick: (row: Row) => boolean;
  /** Who is told of all groups together. */
  readonly watched: string;
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
const IN_ONE_GROUP = { atLeast: 0.1, sure: 5 };
/** Of all groups together, smaller changes are sure. */
const OVERALL = { atLeast: 0.06, sure: 3 };
/** Fewer rounds say too little about their own noise. */
export const FEWEST_ROUNDS = 3;

/**
 * Finds what became slower since an earlier run, on the same machine. The machine itself is not the same twice, so a contender is first
 * compared with the yardsticks of its own run, round by round: their code is the same in both.
 */
export function compareRuns<Row extends BenchRow>(
  before: readonly Row[],
  now: readonly Row[],
  { groupOf, describe, isYardstick, watched }: RunsCompared<Row>,
): readonly Change[] {
  const keyOf = (row: Row) => JSON.stringify([groupOf(row), row.contender]);
  const yardsticksOf = (row: Row, rows: readonly Row[]) =>
    rows.filter((each) => isYardstick(each) && groupOf(each) === groupOf(row));
  const earlier = new Map(before.map((row) => [keyOf(row), row]));
  const changes: Change[] = [];
  for (const figure of FIGURES) {
    const pairs = now.flatMap((row): Pair<Row>[] => {
      const old = earlier.get(keyOf(row));
      if (isYardstick(row) || old === undefined) return [];
      const [oldOnes, newOnes] = [yardsticksOf(old, before), yardsticksOf(row, now)];
      // Only those of both runs: another yardstick is another measure.
      const [oldShared, newShared] = [sharedWith(newOnes, oldOnes), sharedWith(oldOnes, newOnes)];
      if (newShared.length === 0 && oldOnes.length + newOnes.length > 0) return [];
      const [then, since] = [betterThan(oldShared, old, figure), betterThan(newShared, row, figure)];
      return then.length < FEWEST_ROUNDS || since.length < FEWEST_ROUNDS ? [] : [{ row, then, since }];
    });
    const usual = usualDeviation(pairs.flatMap(({ then, since }) => [then, since]));
    const shifts = pairs.map(({ then, since }) => median(since) - median(then));
    const errors = pairs.map(({ then, since }) => Math.hypot(errorOf(then, usual), errorOf(since, usual)));
    for (const [at, { row }] of pairs.entries()) {
      const verdict = judged(shifts[at]!, errors[at]!, IN_ONE_GROUP);
      changes.push({ where: describe(row), contender: row.contender, figure, ...verdict });
    }
    if (shifts.length >= FEWEST_ROUNDS) {
      const error = median(errors) / Math.sqrt(shifts.length);
      const overall = judged(median(shifts), error, OVERALL);
      changes.push({ where: 'all groups together', contender: watched, figure, ...overall });
    }
  }
  return changes;
}

/** A contender in one group of both runs: for each round, how many times better than the yardsticks, as a logarithm. */
interface Pair<Row> {
  readonly row: Row;
  readonly then: readonly number[];
  readonly since: readonly number[];
}

/** Those of `rows` whose contenders are among the others too. */
function sharedWith(others: readonly BenchRow[], rows: readonly BenchRow[]): readonly BenchRow[] {
  return rows.filter(({ contender }) => others.some((other) => other.contender === contender));
}

/** For each round, how many times better than the mean of the yardsticks, as a logarithm. */
function betterThan(yardsticks: readonly BenchRow[], row: BenchRow, figure: Figure): readonly number[] {
  const better = (value: number) => (figure === 'perSecond' ? Math.log(value) : -Math.log(value));
  return row.rounds.flatMap((round, at) => {
    const others = yardsticks.flatMap(({ rounds }) =>
      rounds[at] === undefined ? [] : [better(rounds[at][figure])],
    );
    if (others.length < yardsticks.length) return [];
    const mean = others.reduce((sum, value) => sum + value, 0) / Math.max(1, others.length);
    return [better(round[figure]) - mean];
  });
}

/**
 * How far the median of these may stray. A few rounds may be alike by chance, so they are taken to differ as much as those of all
 * groups usually do, at least.
 */
function errorOf(values: readonly number[], usual: number): number {
  return (1.2533 * Math.max(deviationOf(values), usual)) / Math.sqrt(values.length);
}

function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/** The middle one of many deviations, each of a few values, is smaller than what they are deviations of; by this, for three. */
const FEW = 0.83;

function usualDeviation(all: readonly (readonly number[])[]): number {
  return all.length === 0 ? 0 : median(all.map(deviationOf)) / FEW;
}

function judged(shift: number, error: number, { atLeast, sure }: typeof OVERALL): Judged {
  const ratio = Math.exp(shift);
  const isSure = Math.abs(shift) > sure * error;
  if (isSure && ratio < 1 - atLeast) return { ratio, verdict: 'slower' };
  if (isSure && ratio > 1 + atLeast) return { ratio, verdict: 'faster' };
  return { ratio, verdict: 'no difference' };
}
