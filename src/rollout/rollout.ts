/// <reference lib="esnext.disposable" preserve="true" />
import { parted } from '../consolidated/monitoring/parted.ts';
import type { UntypedDatabase } from '../consolidated/typed/schema-names.ts';
import { ConfigurationError } from '../contract/errors.ts';
import { BothSides } from './both-sides.ts';
import { CallTimes } from './call-times.ts';
import { CurrentFlag } from './current-flag.ts';
import type { DatabaseOperations } from './database-operations.ts';
import { Guard } from './guard.ts';
import type { RolloutEvent } from './rollout-event.ts';
import { RolloutMetrics } from './rollout-metrics.ts';
import { parseRolloutOptions, type RolloutConfig, type RolloutOptions } from './rollout-options.ts';
import { RolloutRouter } from './rollout-router.ts';
import { type RolloutStatus, rolloutStatus } from './rollout-status.ts';
import { routedOperations } from './routed-operations.ts';
import { Shadow } from './shadow.ts';

/** Both services behind one, until the legacy one can go. */
export interface Rollout<S> extends DatabaseOperations<S>, AsyncDisposable {
  /** Resolves when the flag was asked for once. Until then calls go to the legacy service. Never rejects. */
  ready(): Promise<void>;

  /** How the rollout is, as this process sees it: plain data, without values, for a status page. */
  status(): RolloutStatus;

  /**
   * Lets traffic return after the guard has sent it back, in all processes.
   *
   * Rejects where the source of the flag cannot be written to.
   */
  reset(): Promise<void>;

  /** Stops reading the flag and comparing. It closes neither of the sides. Later calls go to the legacy service. */
  close(): Promise<void>;
}

/**
 * Puts a legacy database service and this one behind one object. A flag, which can be changed while everything runs, says which
 * of them gets a call.
 *
 * Each call goes to one side, which is chosen when it is made, and never to the other one after that: writes are never doubled.
 * All errors are those of the side.
 *
 * `S` is one schema of the `Database` generic. State it: the compiler cannot infer it from the sides.
 *
 * @throws ConfigurationError `INVALID_OPTION`, and `CACHE_NOT_GUARDED` where the service may keep answers that the writes of
 * the legacy service outdate
 *
 * @example
 * ```ts
 * await using rollout = createRollout<Database['public']>({ legacy, consolidated: db, flag: fileFlag('/etc/api/rollout.json') });
 * const trips = await rollout.withToken(token).select('trips', { orderBy: 'starts_on' });
 * ```
 */
export function createRollout<S = UntypedDatabase['public']>(options: RolloutOptions<S>): Rollout<S> {
  const config = parseRolloutOptions(options);
  assertCacheIsGuarded(config.consolidated);
  return new RunningRollout(config).operations;
}

class RunningRollout<S> {
  readonly operations: Rollout<S>;
  readonly #current: CurrentFlag;
  readonly #guard: Guard | undefined;
  readonly #metrics: RolloutMetrics | undefined;

  constructor(config: RolloutConfig<S>) {
    const { clock, random, onWarning } = config;
    const tell = parted<[RolloutEvent]>([['onEvent', config.onEvent]], onWarning);
    const metrics = config.metrics && new RolloutMetrics(config.metrics.registry, () => this.#current);
    this.#metrics = metrics;
    const times = new CallTimes(
      clock,
      metrics && ((kind, side, ms, isFault) => metrics.call(kind, side, ms, isFault)),
    );
    const current = new CurrentFlag({
      ...config,
      source: config.flag,
      tell: (event) => {
        if (event.type === 'tripped' || event.type === 'reset') this.#guard?.forget();
        tell?.(event);
      },
    });
    this.#current = current;
    this.#guard =
      config.guard === false
        ? undefined
        : new Guard({ limits: config.guard, times, clock, trip: (trip) => current.tripNow(trip) });
    const shadow = new Shadow<S>({
      budget: config.shadow,
      clock,
      random,
      ended: metrics && ((verdict) => metrics.compared(verdict)),
      differs: (operation, table, difference) => {
        this.#guard?.differs(operation, table);
        tell?.({ type: 'difference', operation, table, difference });
      },
    });
    const router = new RolloutRouter<S>({
      ...{ current, times, shadow, random, whenUnknown: config.whenUnknown },
      readFunctions: new Set(config.readFunctions),
    });
    const ready = current.start();
    this.#guard?.start();
    this.operations = {
      ...routedOperations(router, {
        sides: new BothSides((side) => config[side]),
        caller: undefined,
      }),
      ready: () => ready,
      status: () => rolloutStatus({ current, times, shadow }),
      reset: () => current.reset(),
      close: () => this.#close(),
      [Symbol.asyncDispose]: () => this.#close(),
    };
  }

  async #close(): Promise<void> {
    this.#guard?.stop();
    this.#metrics?.close();
    await this.#current.close();
  }
}

/**
 * The service itself can be asked for the settings of its cache. A handle of it, or an object of another kind, cannot: there
 * whoever made the service has to know.
 */
function assertCacheIsGuarded(consolidated: object & { readonly cache?: { stats?(): object } }): void {
  const stats = consolidated.cache?.stats?.();
  if (stats === undefined || ('onlyWatched' in stats && stats.onlyWatched === true)) return;
  throw new ConfigurationError(
    "The consolidated service must have the option 'cache.onlyWatched': otherwise its cache may keep what the legacy service writes past it.",
    {
      code: 'CACHE_NOT_GUARDED',
      hint: "Make it with cache: { onlyWatched: true }, and with 'listen' where answers are cached.",
    },
  );
}
