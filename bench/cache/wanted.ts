import { median } from '../../src/bench/statistics.ts';
import type { ContenderName } from './contender.ts';
import { type HitRound, medianHits } from './hits.ts';
import type { MixedMeasurement } from './mixed.ts';
import type { PerCallRound } from './per-call.ts';

export interface CacheResults {
  readonly hits: readonly HitRound[];
  readonly mixed: readonly MixedMeasurement[];
  readonly perCall: readonly PerCallRound[];
}

/** A promise of this project about its cache, and what was seen of it. */
export interface CacheVerdict {
  readonly what: string;
  readonly wanted: string;
  readonly seen: string;
  readonly kept: boolean;
}

export function judgeCache({ hits, mixed, perCall }: CacheResults): readonly CacheVerdict[] {
  const { p50Us, cpuUs } = medianHits(hits);
  const ours = named(mixed, 'consolidated-db');
  const theirs = named(mixed, 'postgres.js + lru-cache');
  const throughput = throughputRatio(ours, theirs);
  const faster = median(perCall.map(({ cachedUs, perCallUs }) => perCallUs / cachedUs));
  return [
    most('p50 of a hit, µs', 1.5, p50Us, 2),
    least('hits in a second of CPU', 500_000, 1e6 / cpuUs, 0),
    least('throughput of reads and writes ÷ postgres.js + lru-cache', 2, throughput, 2),
    most('reads of ours without one’s own last write', 0, ours.stale, 0),
    least('a service and connection for each call ÷ a hit', 100, faster, 0),
  ];
}

/** Within each round, then the median. */
export function throughputRatio(first: MixedMeasurement, second: MixedMeasurement): number {
  return median(first.slices.map(({ perSecond }, round) => perSecond / second.slices[round]!.perSecond));
}

export function named(all: readonly MixedMeasurement[], name: ContenderName): MixedMeasurement {
  const found = all.find(({ contender }) => contender === name);
  if (found === undefined) throw new Error(`${name} was not measured.`);
  return found;
}

function least(what: string, bound: number, seen: number, digits: number): CacheVerdict {
  return { what, wanted: `≥ ${text(bound)}`, seen: text(seen, digits), kept: seen >= bound };
}

function most(what: string, bound: number, seen: number, digits: number): CacheVerdict {
  return { what, wanted: `≤ ${text(bound)}`, seen: text(seen, digits), kept: seen <= bound };
}

function text(value: number, digits = 3): string {
  return new Intl.NumberFormat('en', { maximumFractionDigits: digits }).format(value);
}
