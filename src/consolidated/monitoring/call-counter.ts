import {
  type CallMetricOptions,
  CallSeries,
  type Series,
  type ShownMetric,
  type ShownValue,
} from './call-series.ts';

/** A counter that each call may count in, with what a registry of prom-client needs of a metric. */
export class CallCounter {
  /** A registry in the format of OpenMetrics takes `_total` from the names of counters. */
  name: string;
  readonly help: string;
  readonly type = 'counter';
  readonly aggregator = 'sum';
  readonly #series: CallSeries<CounterSeries>;

  constructor({ name, help, labelNames }: CallMetricOptions) {
    this.name = name;
    this.help = help;
    this.#series = new CallSeries(labelNames, () => new CounterSeries());
  }

  labels(labels: Readonly<Record<string, string>>): CounterSeries {
    return this.#series.of(labels);
  }

  async get(): Promise<ShownMetric<ShownValue>> {
    const { name, help, type, aggregator } = this;
    const values = this.#series.shown((labels, { value }) => [{ labels, value }]);
    return { name, help, type, values, aggregator };
  }

  reset(): void {
    this.#series.reset();
  }
}

export class CounterSeries implements Series {
  #value = 0;

  /** @param by - more than 0 */
  inc(by: number): void {
    this.#value += by;
  }

  get value(): number {
    return this.#value;
  }

  get isUsed(): boolean {
    return this.#value > 0;
  }

  reset(): void {
    this.#value = 0;
  }
}
