import type { Counter, Histogram, Registry } from 'prom-client';
import { promClient } from '../consolidated/monitoring/prom-client.ts';
import { ConfigurationError } from '../contract/errors.ts';
import type { KindOfCall } from './call-times.ts';
import type { CurrentFlag } from './current-flag.ts';
import type { ShadowVerdict } from './shadow.ts';
import type { Side } from './side-choice.ts';

const PREFIX = 'cdb_rollout_';
const NAMES = {
  calls: `${PREFIX}call_duration_seconds`,
  faults: `${PREFIX}faults_total`,
  comparisons: `${PREFIX}comparisons_total`,
  percentage: `${PREFIX}percentage`,
  heldBack: `${PREFIX}held_back`,
  readable: `${PREFIX}flag_readable`,
} as const;

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
    if (Object.values(NAMES).some((name) => registry.getSingleMetric(name) !== undefined)) {
      throw new ConfigurationError(
        `The registry of the option 'metrics' already has metrics whose names begin with '${PREFIX}'.`,
        {
          code: 'INVALID_OPTION',
          hint: 'Close the other rollout first, or give each a registry of its own.',
        },
      );
    }
    const { Counter, Gauge, Histogram } = promClient();
    const registers = [registry];
    const labelNames = ['side', 'operation', 'table'] as const;
    this.#calls = new Histogram({
      ...{ name: NAMES.calls, labelNames, registers, buckets: BUCKETS },
      help: 'Time from a call to its answer, by the side that it went to.',
    });
    this.#faults = new Counter({
      ...{ name: NAMES.faults, labelNames, registers },
      help: 'Calls that failed through no fault of the request.',
    });
    this.#comparisons = new Counter({
      ...{ name: NAMES.comparisons, labelNames: ['result'], registers },
      help: 'Reads that were drawn for a comparison, by what became of it.',
    });
    const shown = {
      [NAMES.percentage]: {
        help: 'Percent of the users whose calls go to the consolidated service, by the flag as a whole.',
        value: () => current().flag?.percentage ?? 0,
      },
      [NAMES.heldBack]: {
        help: '1: the kill switch or the guard sends all calls to the legacy service.',
        value: () => Number(current().flag?.killed === true || current().trip !== undefined),
      },
      [NAMES.readable]: {
        help: '0: the flag cannot be read.',
        value: () => Number(current().readability === 'readable'),
      },
    };
    for (const [name, { help, value }] of Object.entries(shown)) {
      new Gauge({
        ...{ name, help, registers },
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
    for (const name of Object.values(NAMES)) this.#registry.removeSingleMetric(name);
  }
}
