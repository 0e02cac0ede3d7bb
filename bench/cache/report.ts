import { median } from '../../src/bench/statistics.ts';
import { readable, textTable } from '../../src/bench/text-table.ts';
import type { CachingContender } from './contender.ts';
import { type HitRound, medianHits } from './hits.ts';
import type { MixedMeasurement } from './mixed.ts';
import type { PerCallRound } from './per-call.ts';
import { type CacheVerdict, named, throughputRatio } from './wanted.ts';

const right = (...titles: readonly string[]) => titles.map((title) => ({ title, align: 'right' as const }));

export function hitLines(rounds: readonly HitRound[]): string[] {
  const { p50Us, p99Us, cpuUs, perSecond } = medianHits(rounds);
  const p50s = rounds.map((round) => round.p50Us);
  return [
    'A hit: one row of five columns, a handle for ten calls, one call after the other',
    ...indented(
      textTable(right('p50 µs', 'min–max', 'p99 µs', 'calls/s', 'CPU µs/call', 'calls per s of CPU'), [
        [
          p50Us.toFixed(2),
          `${Math.min(...p50s).toFixed(2)}–${Math.max(...p50s).toFixed(2)}`,
          p99Us.toFixed(2),
          readable(perSecond),
          cpuUs.toFixed(2),
          readable(1e6 / cpuUs),
        ],
      ]),
    ),
  ];
}

export function recipeLines(contenders: readonly CachingContender[]): string[] {
  return textTable(
    [
      { title: 'contender', align: 'left' },
      { title: 'how it reads and writes', align: 'left' },
    ],
    contenders.map(({ name, recipe }) => [name, recipe]),
  );
}

export function mixedLines(all: readonly MixedMeasurement[], title: string): string[] {
  const ours = named(all, 'consolidated-db');
  const rows = all.map((each) => {
    const rates = each.slices.map(({ perSecond }) => perSecond);
    return [
      each.contender,
      readable(median(rates)),
      `${readable(Math.min(...rates))}–${readable(Math.max(...rates))}`,
      median(each.slices.map(({ cpuUs }) => cpuUs)).toFixed(1),
      `${(each.hitShare * 100).toFixed(0)} %`,
      readable(each.reads),
      String(each.stale),
      each === ours ? '' : `${throughputRatio(ours, each).toFixed(2)}×`,
    ];
  });
  return [
    title,
    ...indented(
      textTable(
        [
          { title: 'contender', align: 'left' },
          ...right('calls/s', 'min–max', 'CPU µs/call', 'from cache', 'reads', 'stale', 'consolidated-db is'),
        ],
        rows,
      ),
    ),
    '  stale: a read that does not show what its user had written, and been told so, before it began',
  ];
}

export function perCallLines(rounds: readonly PerCallRound[]): string[] {
  const over = (pick: (round: PerCallRound) => number) => median(rounds.map(pick));
  const row = (name: string, pick: (round: PerCallRound) => number) => [
    name,
    over(pick).toFixed(2),
    `${readable(over((round) => pick(round) / round.cachedUs))}×`,
  ];
  return [
    'The same read in three ways, one after the other',
    ...indented(
      textTable(
        [{ title: 'read', align: 'left' }, ...right('µs', 'of a hit')],
        [
          row('from the cache', ({ cachedUs }) => cachedUs),
          row('without the cache', ({ uncachedUs }) => uncachedUs),
          row('without it, a service and a connection for each', ({ perCallUs }) => perCallUs),
        ],
      ),
    ),
  ];
}

export function verdictLines(verdicts: readonly CacheVerdict[]): string[] {
  return [
    'Wanted',
    ...indented(
      textTable(
        [{ title: 'what', align: 'left' }, ...right('wanted', 'seen'), { title: 'verdict', align: 'left' }],
        verdicts.map(({ what, wanted, seen, kept }) => [what, wanted, seen, kept ? 'met' : 'MISSED']),
      ),
    ),
    `${verdicts.filter(({ kept }) => kept).length} of ${verdicts.length} met`,
  ];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
