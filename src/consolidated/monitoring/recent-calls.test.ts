import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../contract/call-event.ts';
import { RecentCalls } from './recent-calls.ts';

function event(given: Partial<CallEvent>): CallEvent {
  return { kind: 'select', target: 'public.trips', milliseconds: 1, rows: 0, ...given } as CallEvent;
}

function recent(size: number, events: readonly Partial<CallEvent>[]): RecentCalls {
  const calls = new RecentCalls(size);
  for (const given of events) calls.add(event(given));
  return calls;
}

describe('recent calls', () => {
  it('give percentiles that occurred', () => {
    const calls = recent(
      100,
      Array.from({ length: 100 }, (_, i) => ({ milliseconds: 100 - i })),
    );
    expect(calls.metrics(undefined, {})).toMatchObject([
      { calls: 100, p50Ms: 50, p95Ms: 95, p99Ms: 99, maxMs: 100, totalMs: 5_050 },
    ]);
  });

  it('give none that more calls exceed than allowed', () => {
    const calls = recent(
      10,
      Array.from({ length: 10 }, (_, i) => ({ milliseconds: i + 1 })),
    );
    expect(calls.metrics(undefined, {})).toMatchObject([{ p50Ms: 5, p95Ms: 10, p99Ms: 10 }]);
  });

  it('give the one call there is for every percentile', () => {
    expect(recent(5, [{ milliseconds: 7 }]).metrics(undefined, {})).toMatchObject([
      { p50Ms: 7, p95Ms: 7, p99Ms: 7 },
    ]);
  });

  it('forget the oldest', () => {
    const calls = recent(2, [{ milliseconds: 1_000 }, { milliseconds: 1 }, { milliseconds: 2 }]);
    expect(calls.metrics(undefined, {})).toMatchObject([{ calls: 2, maxMs: 2 }]);
  });

  it('are grouped by operation and table, the ones that took most time first', () => {
    const calls = recent(10, [
      { milliseconds: 5, rows: 2 },
      { milliseconds: 5, rows: 3, errorCode: 'TIMEOUT' },
      { kind: 'insert', milliseconds: 3 },
      { kind: 'sql', target: undefined, milliseconds: 50 },
    ]);
    expect(calls.metrics(undefined, {}).map(({ operation, table }) => [operation, table])).toEqual([
      ['sql', undefined],
      ['select', 'public.trips'],
      ['insert', 'public.trips'],
    ]);
    expect(calls.metrics('select', {})).toMatchObject([{ calls: 2, errors: 1, rows: 5 }]);
    expect(calls.metrics(undefined, { table: 'public.trips' })).toHaveLength(2);
    expect(calls.metrics(undefined, { limit: 1 })).toHaveLength(1);
  });

  it('are bounded in their tables too', () => {
    const calls = new RecentCalls(4);
    for (let i = 0; i < 1_000; i++) calls.add(event({ target: `public.t${i}` }));
    expect(calls.metrics(undefined, {}).length).toBeLessThanOrEqual(4);
    calls.add(event({ target: 'public.last' }));
    expect(calls.metrics(undefined, { table: 'public.last' })).toMatchObject([{ calls: 1 }]);
  });
});
