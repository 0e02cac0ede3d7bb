import type { Counter, Histogram, Registry } from 'prom-client';
import { promClient } from '../consolidated/monitoring/prom-client.ts';
import { ConfigurationError } from '../contract/errors.ts';
import type { KindOfCall } from './call-times.ts';
import type { CurrentFlag } from './current-flag.ts';
import { ROLLOUT_METRIC_TABLE } from './rollout-metric-table.ts';
import type { ShadowVerdict } from './shadow.ts';
import type { Side } from './side-choice.ts';

const NAMES = Object.values(ROLLOUT_METRIC_TABLE).map(({ name }) => name);

/** Seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What a rollout shows in a registry of prom-client until it is closed. Tables are bounded as those of `CallTimes` are. */
export class RolloutMetrics {
  readonly #registry: Registry;
  readonly #calls: Histogram<'side' | 'operation' | 'table'>;
  readonly #faults: Counter<'side' | 'operation' | 'table'>;
  readonly #comparisons: Counter<'result'>;

  /** @throws ConfigurationError `INVALID_OPTION` where the registry has those of another rollout */
  constructor(registry: Registry, current: () => CurrentFlag) {
    this.#registry = registry;
    if (NAMES.some((name) => registry.getSingleMetric(name) !== undefined)) {
      throw new ConfigurationError(
        `The registry of the option 'metrics' already has metrics whose names begin with 'cdb_rollout_'.`,
        {
          code: 'INVALID_OPTION',
          hint: 'Close the other rollout first, or give each a registry of its own.',
        },
      );
    }
    const { Counter, Gauge, Histogram } = promClient();
    const registers = [registry];
    const { calls, faults, comparisons, percentage, heldBack, tripped, readable } = ROLLOUT_METRIC_TABLE;
    const shown = <Label extends string>(metric: {
      name: string;
      help: string;
      labels: readonly Label[];
    }) => ({
      ...{ name: metric.name, help: metric.help, labelNames: metric.labels, registers },
    });
    this.#calls = new Histogram({ ...shown(calls), buckets: BUCKETS });
    this.#faults = new Counter(shown(faults));
    this.#comparisons = new Counter(shown(comparisons));
    const gauges = [
      [percentage, () => current().flag?.percentage ?? 0],
      [heldBack, () => Number(current().flag?.killed === true || current().trip !== undefined)],
      [tripped, () => Number(current().trip !== undefined)],
      [readable, () => Number(current().readability === 'readable')],
    ] as const;
    for (const [metric, value] of gauges) {
      new Gauge({
        ...shown(metric),
        collect() {
          this.set(value());
        },
      });
    }
  }

  call({ operation, table }: KindOfCall, side: Side, ms: number, isFault: boolean): void {
    this.#calls.observe({ side, operation, table }, ms / 1_000);
    if (isFault) this.#faults.inc({ side, operation, table });
  }

  compared(result: ShadowVerdict): void {
    this.#comparisons.inc({ result });
  }

  close(): void {
    for (const name of NAMES) this.#registry.removeSingleMetric(name);
  }
}
