import {
  type CallMetricOptions,
  CallSeries,
  type Series,
  type SeriesLabels,
  type ShownMetric,
  type ShownValue,
} from './call-series.ts';

/** With the labels of the series apart: prom-client makes their text once for all lines of it. */
interface SharedValue extends ShownValue {
  readonly sharedLabels: SeriesLabels;
}

/** A histogram that each call is counted in, with what a registry of prom-client needs of a metric. */
export class CallHistogram {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly #bounds: Float64Array;
  readonly #series: CallSeries<HistogramSeries>;

  /** @param buckets - their upper bounds, growing */
  constructor({ name, help, labelNames }: CallMetricOptions, buckets: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = Float64Array.from(buckets);
    this.#series = new CallSeries(labelNames, () => new HistogramSeries(this.#bounds));
  }

  labels(labels: SeriesLabels): HistogramSeries {
    return this.#series.of(labels);
  }

  async get(): Promise<ShownMetric<ShownValue>> {
    const shown = await this.getForPromString();
    const values = shown.values.map(({ metricName, labels, sharedLabels, value }) => ({
      metricName: metricName!,
      labels: { ...labels, ...sharedLabels },
      value,
    }));
    return { ...shown, values };
  }

  /** Asked instead of `get` by a registry that prints. */
  async getForPromString(): Promise<ShownMetric<SharedValue>> {
    const { name, help, type, aggregator } = this;
    const bounds = [...this.#bounds, '+Inf'];
    const [bucket, sum, count] = [`${name}_bucket`, `${name}_sum`, `${name}_count`];
    const values = this.#series.shown((sharedLabels, series) => {
      const upTo = series.upTo();
      const lines = upTo.map((value, index): SharedValue => {
        return { metricName: bucket, labels: { le: bounds[index]! }, sharedLabels, value };
      });
      lines.push(
        { metricName: sum, labels: NONE, sharedLabels, value: series.sum },
        { metricName: count, labels: NONE, sharedLabels, value: upTo.at(-1)! },
      );
      return lines;
    });
    return { name, help, type, values, aggregator };
  }

  reset(): void {
    this.#series.reset();
  }
}

const NONE = {};

/** One array, so that counting touches little memory: the sum, and how many were in each bucket and beyond the last. */
export class HistogramSeries implements Series {
  readonly #bounds: Float64Array;
  readonly #kept: Float64Array;

  constructor(bounds: Float64Array) {
    this.#bounds = bounds;
    this.#kept = new Float64Array(bounds.length + 2);
  }

  /** Most calls are in one of the first buckets, so these are looked at from the first one on. */
  observe(seconds: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && seconds > bounds[bucket]!) bucket += 1;
    this.#kept[0]! += seconds;
    this.#kept[bucket + 1]! += 1;
  }

  get sum(): number {
    return this.#kept[0]!;
  }

  /** How many were in each bucket or one before it; the last are all of them. */
  upTo(): number[] {
    const upTo: number[] = [];
    let count = 0;
    for (let at = 1; at < this.#kept.length; at++) {
      count += this.#kept[at]!;
      upTo.push(count);
    }
    return upTo;
  }

  get isUsed(): boolean {
    return this.#kept.some((kept) => kept > 0);
  }

  reset(): void {
    this.#kept.fill(0);
  }
}
