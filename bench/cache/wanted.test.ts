import { expect, test } from 'vitest';
import type { ContenderName } from './contender.ts';
import type { MixedMeasurement } from './mixed.ts';
import { type CacheResults, judgeCache } from './wanted.ts';

function mixed(contender: ContenderName, rates: readonly number[], stale = 0): MixedMeasurement {
  const slices = rates.map((perSecond) => ({
    calls: 1,
    perSecond,
    p50Us: 1,
    p99Us: 1,
    quantilesUs: [],
    cpuUs: 1,
  }));
  return { contender, slices, reads: 100, stale, hitShare: 0.5 };
}

const good: CacheResults = {
  hits: [{ p50Us: 1.2, p99Us: 3, cpuUs: 1.6, perSecond: 400_000 }],
  mixed: [mixed('consolidated-db', [300, 100, 500]), mixed('postgres.js + lru-cache', [100, 50, 250], 7)],
  perCall: [{ cachedUs: 1, uncachedUs: 200, perCallUs: 20_000 }],
};
const kept = (results: CacheResults) => judgeCache(results).map((verdict) => verdict.kept);

test('throughput is compared within each round before the median is taken', () => {
  expect(judgeCache(good).map(({ seen }) => seen)).toEqual(['1.2', '625,000', '2', '0', '20,000']);
  expect(kept(good)).toEqual([true, true, true, true, true]);
});

test('each promise can be missed by itself', () => {
  const [hit] = good.hits;
  const [ours, theirs] = good.mixed;
  const [call] = good.perCall;
  const missed = (results: Partial<CacheResults>) => kept({ ...good, ...results }).indexOf(false);
  expect(missed({ hits: [{ ...hit!, p50Us: 1.51 }] })).toBe(0);
  expect(missed({ hits: [{ ...hit!, cpuUs: 2.01 }] })).toBe(1);
  expect(missed({ mixed: [mixed('consolidated-db', [190, 99, 490]), theirs!] })).toBe(2);
  expect(missed({ mixed: [{ ...ours!, stale: 1 }, theirs!] })).toBe(3);
  expect(missed({ perCall: [{ ...call!, perCallUs: 99 }] })).toBe(4);
});

test('what was not measured is an error', () => {
  expect(() => judgeCache({ ...good, mixed: [] })).toThrow('consolidated-db was not measured.');
});
