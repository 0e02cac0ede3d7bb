import type { Counter, Gauge, Histogram, Metric, Registry } from 'prom-client';
import { ConfigurationError } from '../../contract/errors.ts';
import { CallCounter } from './call-counter.ts';
import { CallHistogram } from './call-histogram.ts';
import { METRIC_TABLE, type MetricDefinition, type MetricKey } from './metric-table.ts';
import { promClient } from './prom-client.ts';

interface MetricOf {
  readonly counter: Counter;
  readonly gauge: Gauge;
  readonly histogram: Histogram;
}

interface MetricOfEachCall {
  readonly counter: CallCounter;
  readonly gauge: never;
  readonly histogram: CallHistogram;
}

type MetricBy<Definition extends MetricDefinition> = Definition extends { readonly ofEachCall: true }
  ? MetricOfEachCall[Definition['type']]
  : MetricOf[Definition['type']];

type Metrics = { readonly [Key in MetricKey]: MetricBy<(typeof METRIC_TABLE)[Key]> };

/** What a service shows only when it is asked: called before each answer. */
type Collect = () => void;

/**
 * The metrics of one registry with one prefix. Several services share them, each with its own label `service`, so that
 * none clashes with another.
 */
export class MetricSet {
  readonly metrics: Metrics;
  readonly #collectors = new Set<Collect>();
  readonly #services = new Set<string>();

  private constructor(registry: Registry, prefix: string, buckets: readonly number[]) {
    const { Counter, Gauge, Histogram } = promClient();
    const registers = [registry];
    const made: Record<string, Counter | Gauge | Histogram | CallCounter | CallHistogram> = {};
    for (const [key, definition] of Object.entries<MetricDefinition>(METRIC_TABLE)) {
      const { help, labels, type, ofEachCall, isCollected } = definition;
      const own = { name: `${prefix}${definition.name}`, help, labelNames: ['service', ...labels] };
      const common = { ...own, registers };
      const collect = (): void => this.#collect();
      if (ofEachCall) {
        const metric = type === 'histogram' ? new CallHistogram(own, buckets) : new CallCounter(own);
        // A registry calls nothing else of a metric; its type names the classes of prom-client.
        registry.registerMetric(metric as unknown as Metric);
        made[key] = metric;
      } else if (type === 'counter') made[key] = new Counter(isCollected ? { ...common, collect } : common);
      else if (type === 'histogram') made[key] = new Histogram({ ...common, buckets: [...buckets] });
      else made[key] = new Gauge({ ...common, collect });
    }
    // The loop has made one of its type for each key of the table.
    this.metrics = made as unknown as Metrics;
  }

  /** Those of the registry that have this prefix, made where there are none. */
  static of(registry: Registry, prefix: string, buckets: readonly number[]): MetricSet {
    const known = sets.get(registry) ?? new Map<string, MetricSet>();
    sets.set(registry, known);
    const found = known.get(prefix);
    // Whoever cleared the registry has no metrics any more.
    const registered = registry.getSingleMetric(`${prefix}${METRIC_TABLE.callDuration.name}`);
    if (found !== undefined && (registered as unknown) === found.metrics.callDuration) return found;
    let made: MetricSet;
    try {
      made = new MetricSet(registry, prefix, buckets);
    } catch (cause) {
      throw new ConfigurationError(
        `The registry of the option 'metrics' already has a metric whose name begins with ${JSON.stringify(prefix)}, or refuses one.`,
        { code: 'INVALID_OPTION', hint: "Choose another 'metrics.prefix'.", cause },
      );
    }
    known.set(prefix, made);
    return made;
  }

  /** The label of a service: its name, with a number where a living one has it already. Free again once it is released. */
  claim(name: string): { readonly service: string; release(): void } {
    let service = name;
    for (let number = 2; this.#services.has(service); number++) service = `${name}-${number}`;
    this.#services.add(service);
    return { service, release: () => this.#services.delete(service) };
  }

  /** Calls back before each answer of the registry, until the function that it returns is called. */
  collectWith(collect: Collect): () => void {
    this.#collectors.add(collect);
    return () => this.#collectors.delete(collect);
  }

  /** From nothing, so that a service that was closed leaves nothing behind. */
  #collect(): void {
    for (const [key, { type }] of Object.entries<MetricDefinition>(METRIC_TABLE)) {
      if (type === 'gauge') this.metrics[key as 'poolMax'].reset();
    }
    for (const collect of this.#collectors) collect();
  }
}

const sets = new WeakMap<Registry, Map<string, MetricSet>>();
