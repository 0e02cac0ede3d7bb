import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/bench/seeded-random.ts';
import { gaussian } from '../draws.ts';
import { compareSuites, rowsOfRun } from './compare.ts';
import { CASES, type CaseName, type ContenderName } from './contender.ts';
import type { SuiteRow } from './suite-row.ts';

const CONTENDERS = ['consolidated-db', 'pg', 'kysely'] as const;
const BASE_US: Readonly<Record<string, number>> = { 'consolidated-db': 1_200, pg: 4_000, kysely: 5_000 };

/** A run on a machine as fast as `machine` says, whose rounds differ by a few percent. */
function run(
  seed: number,
  slower: (contender: ContenderName) => number = () => 1,
  { cases = CASES, length = 7 }: { readonly cases?: readonly CaseName[]; readonly length?: number } = {},
): SuiteRow[] {
  const normal = gaussian(seededRandom(seed));
  const machine = Math.exp(0.3 * normal());
  return cases.flatMap((name) =>
    [1, 2, 3].flatMap((rowsOf) => {
      const rounds = Array.from({ length }, () => machine * Math.exp(0.08 * normal()));
      return CONTENDERS.map((contender): SuiteRow => {
        const figures = rounds.map((round) => {
          const us = BASE_US[contender]! * round * slower(contender) * Math.exp(0.04 * normal());
          return { perSecond: 1e7 / us, p50Us: us, cpuUs: us / 10 };
        });
        return {
          bench: 'suite',
          plot: 'work',
          case: name,
          mode: 'direct',
          delayMs: 1,
          tasks: 10,
          connections: 20,
          rows: rowsOf,
          users: 1,
          processes: 1,
          contender,
          perSecond: 1,
          p50Us: 1,
          p99Us: 1,
          quantilesUs: [],
          cpuUs: 1,
          rounds: figures,
        };
      });
    }),
  );
}

/** A peer that takes a hundred times as long. */
function slowest(row: SuiteRow): SuiteRow {
  const rounds = row.rounds.map(({ perSecond, p50Us, cpuUs }) => {
    return { perSecond: perSecond / 100, p50Us: p50Us * 100, cpuUs: cpuUs * 100 };
  });
  return { ...row, contender: 'prisma', rounds };
}

const slowerOf = (changes: ReturnType<typeof compareSuites>) =>
  changes.filter(({ verdict }) => verdict === 'slower');

describe('comparing two runs', () => {
  it('finds nothing between runs of the same code on a machine that is never the same', () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(slowerOf(compareSuites(run(seed), run(seed + 1_000)))).toEqual([]);
    }
  });

  it('finds ours 15 % slower, though the machine may be faster', () => {
    for (let seed = 0; seed < 50; seed++) {
      const now = run(seed + 2_000, (contender) => (contender === 'consolidated-db' ? 1.15 : 1));
      const overall = slowerOf(compareSuites(run(seed), now)).filter(
        ({ where }) => where === 'all groups together',
      );
      expect(overall.map(({ figure }) => figure)).toEqual(['perSecond', 'p50Us', 'cpuUs']);
      for (const { ratio } of overall) expect(ratio).toBeCloseTo(1 / 1.15, 1);
    }
  });

  it('is not misled by three rounds of a few groups, which may be alike by chance', () => {
    const few = { cases: ['select', 'insert'], length: 3 } as const;
    const ours = (contender: ContenderName) => (contender === 'consolidated-db' ? 1.15 : 1);
    let found = 0;
    for (let seed = 0; seed < 200; seed++) {
      const before = run(seed, undefined, few);
      expect(slowerOf(compareSuites(before, run(seed + 1_000, undefined, few))), `${seed}`).toEqual([]);
      const slower = slowerOf(compareSuites(before, run(seed + 2_000, ours, few)));
      if (slower.some(({ where }) => where === 'all groups together')) found += 1;
    }
    expect(found).toBeGreaterThanOrEqual(195);
  });

  it('does not blame ours for peers that became faster or slower together with it', () => {
    expect(
      slowerOf(
        compareSuites(
          run(1),
          run(2, () => 1.5),
        ),
      ),
    ).toEqual([]);
  });

  it('compares with the peers of both, though one of them had another peer beside them', () => {
    const now = run(2);
    const prisma = now.filter(({ contender }) => contender === 'pg').map(slowest);
    expect(slowerOf(compareSuites([...run(1), ...prisma], now))).toEqual([]);
    expect(slowerOf(compareSuites(run(1), [...now, ...prisma]))).toEqual([]);
  });

  it('says nothing about groups that only one of them has', () => {
    expect(
      compareSuites(
        run(1),
        run(2).filter((row) => row.rows === 9),
      ),
    ).toEqual([]);
  });
});

it('refuses a file of another kind', () => {
  expect(rowsOfRun('old.json', JSON.stringify({ rows: run(1) }))).toHaveLength(CASES.length * 9);
  for (const text of ['[]', '{}', '{"rows":[{}]}', 'null']) {
    expect(() => rowsOfRun('old.json', text)).toThrow(
      'old.json is no file that --json of the suite has written.',
    );
  }
});
