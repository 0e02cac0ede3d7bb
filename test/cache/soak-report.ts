/** What came of a soak, as a table, and what of it must not be. */
import { stalenessOf } from './soak-beats.ts';
import type { SoakOptions, SoakResult } from './soak-scene.ts';

/** Milliseconds that the other process may show what is older, of 99 in 100 writes. */
const ALLOWED_STALE_MS = 250;
/** Of the heap to the bytes that are accounted. */
const ALLOWED_GROWTH = 1.5;

const FAULTS = ['foreign', 'stale', 'undone', 'missing'] as const;

export interface SoakSummary {
  readonly operations: number;
  readonly writes: number;
  readonly writesPerSecond: number;
  /** Writes whose way to the other process was timed. */
  readonly timed: number;
  readonly hitRate: number;
  readonly staleMs: { readonly p50: number; readonly p99: number; readonly most: number };
}

export function summaryOf({ sums, seconds }: SoakResult): SoakSummary {
  const total = (of: (sum: SoakResult['sums'][number]) => number): number =>
    sums.reduce((all, sum) => all + of(sum), 0);
  const delays = sums
    .flatMap(({ written }, at) => {
      const others = sums.filter((_, other) => other !== at).flatMap(({ shown }) => shown);
      return stalenessOf(written, others);
    })
    .sort((a, b) => a - b);
  const at = (share: number): number =>
    delays[Math.min(delays.length - 1, Math.floor(share * delays.length))] ?? 0;
  const hits = total(({ hits, shared, stale }) => hits + shared + stale);
  return {
    operations: total(({ reads, writes }) => reads + writes),
    writes: total(({ writes }) => writes),
    writesPerSecond: total(({ writes }) => writes) / seconds,
    timed: delays.length,
    hitRate: hits / (hits + total(({ misses }) => misses)),
    staleMs: { p50: at(0.5), p99: at(0.99), most: at(1) },
  };
}

/** What must not be, in words; nothing where all is well. */
export function soakFaults(result: SoakResult, { maxBytes, operations }: SoakOptions): string[] {
  const { staleMs, hitRate, ...counted } = summaryOf(result);
  const faults = result.sums.flatMap(({ faults, errors, mostBytes, refused, warnings }, process) => [
    ...FAULTS.filter((kind) => faults[kind] > 0).map((kind) => `process ${process}: ${faults[kind]} ${kind}`),
    ...faults.examples,
    ...Object.entries(errors).map(([what, times]) => `process ${process}: ${times} times ${what}`),
    ...(mostBytes > maxBytes ? [`process ${process}: ${mostBytes} bytes are accounted`] : []),
    ...(refused > 0 ? [`process ${process}: ${refused} reads could not be kept: ${warnings.join(' ')}`] : []),
  ]);
  for (const { name, ms } of result.effects)
    if (ms.some((each) => each === undefined)) faults.push(`never seen: ${name}`);
  if (counted.operations < operations * 0.99) faults.push(`${counted.operations} operations were made`);
  if (hitRate < 0.2)
    faults.push(`only ${Math.round(hitRate * 100)} % of the reads were answered from memory`);
  return faults;
}

/** What depends on the machine: not for a test, and wanted of a whole run. */
export function soakLimits(result: SoakResult, { maxBytes }: SoakOptions): string[] {
  const { staleMs } = summaryOf(result);
  const limits: string[] = [];
  if (staleMs.p99 > ALLOWED_STALE_MS)
    limits.push(`stale for ${staleMs.p99.toFixed(0)} ms at the 99th percentile`);
  for (const bytes of result.heapOfCache)
    if (bytes > maxBytes * ALLOWED_GROWTH) limits.push(`the cache takes ${bytes} bytes of the heap`);
  return limits;
}

export function soakTable(result: SoakResult, { maxBytes }: SoakOptions): string {
  const { operations, writes, writesPerSecond, timed, hitRate, staleMs } = summaryOf(result);
  const mib = (bytes: number): string => `${(bytes / 1_048_576).toFixed(2)} MiB`;
  const ms = (value: number | undefined): string =>
    value === undefined ? 'never' : `${value.toFixed(1)} ms`;
  const rows: (readonly [string, string])[] = [
    [
      'operations',
      `${operations} in ${result.seconds.toFixed(0)} s, ${writes} writes (${writesPerSecond.toFixed(0)}/s)`,
    ],
    ['answered from memory', `${(hitRate * 100).toFixed(1)} %`],
    ...FAULTS.map(
      (kind) => [kind, String(result.sums.reduce((all, { faults }) => all + faults[kind], 0))] as const,
    ),
    [
      'stale in the other process',
      `p50 ${ms(staleMs.p50)}, p99 ${ms(staleMs.p99)}, most ${ms(staleMs.most)}, of ${timed} writes`,
    ],
    ...result.effects.map(({ name, ms: each }) => [name, each.map(ms).join(', ')] as const),
    [
      'accounted bytes',
      `${result.sums.map(({ mostBytes }) => mib(mostBytes)).join(', ')} of ${mib(maxBytes)}`,
    ],
    ['answered by the second level', result.sums.map(({ fromOthers }) => fromOthers).join(', ')],
    ['evictions', result.sums.map(({ evictions }) => evictions).join(', ')],
    ['heap of the cache', result.heapOfCache.map(mib).join(', ')],
    ['growth of the heap', result.heapGrowth.map(mib).join(', ')],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
