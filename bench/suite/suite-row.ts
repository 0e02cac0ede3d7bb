import { type BenchRow, figuresOf } from '../../src/bench/bench-row.ts';
import type { ContenderName } from './contender.ts';
import type { Group } from './group.ts';
import type { Measurement } from './rounds.ts';

/** One contender in one group of the suite. */
export interface SuiteRow extends Group, Omit<BenchRow, keyof Group> {
  readonly bench: 'suite';
  readonly contender: ContenderName;
}

export interface GroupResult {
  readonly group: Group;
  readonly rows: readonly SuiteRow[];
}

export function suiteRow(group: Group, { contender, slices }: Measurement): SuiteRow {
  return { bench: 'suite', ...group, contender, ...figuresOf(slices) };
}
