import fc from 'fast-check';
import { AggregatorRegistry, Counter, Histogram, type Metric, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { CallCounter } from './call-counter.ts';
import { CallHistogram } from './call-histogram.ts';

const TIME = { name: 'call_seconds', help: 'Time of a "call"\\.', labelNames: ['mode', 'table'] };
const ROWS = { name: 'rows_total', help: 'Rows.', labelNames: ['mode', 'table'] };
const BUCKETS = [0.01, 0.1, 1];
const FORMATS = [Registry.PROMETHEUS_CONTENT_TYPE, Registry.OPENMETRICS_CONTENT_TYPE] as const;
const A = { mode: 'direct', table: 'public.a' };
const B = { mode: 'direct', table: 'public.b"\n' };

/** Ours in a registry, and those of prom-client in another one. Both count the same. */
function both(buckets: readonly number[] = BUCKETS, format: (typeof FORMATS)[number] = FORMATS[0]) {
  const [ours, theirs] = [new Registry(), new Registry()];
  // The format is a part of a registry's type, which matters nowhere here.
  for (const registry of [ours, theirs]) registry.setContentType(format as never);
  const time = new CallHistogram(TIME, buckets);
  const rows = new CallCounter(ROWS);
  for (const metric of [time, rows]) ours.registerMetric(metric as unknown as Metric);
  const theirTime = new Histogram({ ...TIME, buckets: [...buckets], registers: [theirs] });
  const theirRows = new Counter({ ...ROWS, registers: [theirs] });
  const count = (labels: typeof A, value: number) => {
    time.labels(labels).observe(value);
    theirTime.observe(labels, value);
    if (value === 0) return;
    rows.labels(labels).inc(value);
    theirRows.inc(labels, value);
  };
  return { ours, theirs, time, rows, count };
}

async function expectAlike({ ours, theirs }: ReturnType<typeof both>): Promise<string> {
  const text = await ours.metrics();
  expect(text).toBe(await theirs.metrics());
  return text;
}

/** What a worker of a cluster sends. */
async function sent(registry: Registry): Promise<object[]> {
  return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON()));
}

describe('metrics that each call is counted in', () => {
  it.each(FORMATS)('are printed as those of prom-client are, in %s', async (format) => {
    const pair = both(BUCKETS, format);
    for (const [labels, value] of [
      [A, 0.5],
      [B, 3],
      [A, 0],
      [A, 0.02],
    ] as const) {
      pair.count(labels, value);
    }
    expect(await expectAlike(pair)).toContain('table="public.b\\"\\n"');
    // A registry in the format of OpenMetrics renames a counter when it prints it first.
    pair.count(A, 1);
    await expectAlike(pair);
  });

  it('count each value where prom-client does, whatever the buckets are', () => {
    const bound = fc.double({ min: 1e-6, max: 100, noNaN: true });
    const buckets = fc
      .uniqueArray(bound, { minLength: 1, maxLength: 20 })
      .map((all) => all.sort((a, b) => a - b));
    const cases = buckets.chain((bounds) => {
      const value = fc.oneof(fc.constantFrom(...bounds), fc.double({ min: 0, max: 200, noNaN: true }));
      return fc.tuple(
        fc.constant(bounds),
        fc.array(fc.tuple(fc.constantFrom(A, B), value), { maxLength: 30 }),
      );
    });
    return fc.assert(
      fc.asyncProperty(cases, async ([bounds, values]) => {
        const pair = both(bounds);
        for (const [labels, value] of values) pair.count(labels, value);
        await expectAlike(pair);
      }),
    );
  });

  it('are not shown before something was counted', async () => {
    const pair = both();
    pair.time.labels(A);
    pair.rows.labels(A);
    expect(await expectAlike(pair)).not.toContain('public.a');
  });

  it('begin anew when their registry is reset, for those too who have looked them up before', async () => {
    const pair = both();
    const time = pair.time.labels(A);
    pair.count(A, 2);
    pair.ours.resetMetrics();
    pair.theirs.resetMetrics();
    expect(await expectAlike(pair)).not.toContain('public.a');
    time.observe(0.5);
    expect((await pair.ours.metrics()).split('\n')).toContain(
      'call_seconds_sum{mode="direct",table="public.a"} 0.5',
    );
  });

  it('are the same for the same labels, so that a service that is created again goes on counting', () => {
    const { time, rows } = both();
    expect(time.labels({ ...A })).toBe(time.labels(A));
    expect(rows.labels({ ...A })).toBe(rows.labels(A));
    expect(time.labels(B)).not.toBe(time.labels(A));
    expect(rows.labels(B)).not.toBe(rows.labels(A));
  });

  it('take the default labels of their registry', async () => {
    const pair = both();
    pair.count(A, 0.5);
    for (const registry of [pair.ours, pair.theirs])
      registry.setDefaultLabels({ app: 'trips', mode: 'other' });
    expect(await expectAlike(pair)).toContain('app="trips"');
    expect(await sent(pair.ours)).toMatchObject(withoutExemplars(await sent(pair.theirs)));
  });

  it('can be merged and asked one by one', async () => {
    const pair = both();
    pair.count(A, 0.5);
    expect(await Registry.merge([pair.ours, new Registry()]).metrics()).toBe(
      await Registry.merge([pair.theirs, new Registry()]).metrics(),
    );
    for (const name of [TIME.name, ROWS.name]) {
      expect(await pair.ours.getSingleMetricAsString(name)).toBe(
        await pair.theirs.getSingleMetricAsString(name),
      );
    }
  });

  it('are added up over the workers of a cluster', async () => {
    const [one, other] = [both(), both()];
    one.count(A, 0.5);
    one.count(B, 3);
    other.count(A, 0.02);
    const added = async (of: 'ours' | 'theirs') =>
      AggregatorRegistry.aggregate([await sent(one[of]), await sent(other[of])]).metrics();
    expect(await added('ours')).toBe(await added('theirs'));
    expect(await added('ours')).toContain('call_seconds_count{mode="direct",table="public.a"} 2');
  });
});

/** prom-client tells of each bucket that it has no exemplar. */
function withoutExemplars(metrics: readonly object[]): object[] {
  return JSON.parse(JSON.stringify(metrics), (key, value) => (key === 'exemplar' ? undefined : value));
}
