import { expect, test } from 'vitest';
import type { ContenderName } from '../contender.ts';
import type { Group } from './group.ts';
import type { Measurement } from './rounds.ts';
import { judge, WANTED } from './wanted.ts';

const THROUGHPUT: Group = { case: 'rls-read', mode: 'direct', delayMs: 0, tasks: 32, connections: 10 };
const LATENCY: Group = { ...THROUGHPUT, delayMs: 1, tasks: 1 };

function measured(
  contender: ContenderName,
  rounds: readonly (readonly [perSecond: number, p50Us: number])[],
) {
  const slices = rounds.map(([perSecond, p50Us]) => ({
    calls: 1,
    perSecond,
    p50Us,
    p99Us: p50Us,
    quantilesUs: [],
    cpuUs: 1,
  }));
  return { contender, slices } satisfies Measurement;
}

test('throughput is compared within each round before the median is taken', () => {
  const ours = measured('consolidated-db', [
    [100, 1],
    [300, 1],
    [900, 1],
  ]);
  const theirs = measured('pg', [
    [50, 1],
    [100, 1],
    [100, 1],
  ]);
  const [verdict] = judge(
    [{ group: THROUGHPUT, measurements: [ours, theirs] }],
    [{ group: THROUGHPUT, against: 'pg', atLeast: 3 }],
  );
  expect(verdict).toMatchObject({ measure: 'throughput', seen: 3, kept: true });
});

test('with one task a shorter latency is the better one', () => {
  const measurements = [measured('consolidated-db', [[1, 1_200]]), measured('raw-socket', [[1, 1_000]])];
  const [verdict] = judge(
    [{ group: LATENCY, measurements }],
    [{ group: LATENCY, against: 'raw-socket', atLeast: 1 / 1.15 }],
  );
  expect(verdict).toMatchObject({ measure: 'latency', kept: false });
  expect(verdict?.seen).toBeCloseTo(1_000 / 1_200);
});

test('what was not measured is not kept', () => {
  const verdicts = judge([]);
  expect(verdicts).toHaveLength(WANTED.length);
  expect(verdicts.every(({ seen, kept }) => seen === undefined && !kept)).toBe(true);
});
