import type { Clock } from '../../contract/clock.ts';
import type { DatabaseError } from '../../contract/errors.ts';
import type { CallLimits, PoolStats } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import { Queue } from '../../contract/queue.ts';
import type { WireConnection } from '../wire/wire-connection.ts';
import type { ConnectionWatch } from './connection-watch.ts';
import { DrainRate } from './drain-rate.ts';
import { currentHolder } from './holder.ts';
import { queueFull, tooLateToStart, waitedInVain } from './shortage.ts';
import { StatementTimes } from './statement-times.ts';
import { type Waiter, waitIn } from './waiter.ts';

interface LineParts {
  readonly clock: Clock;
  readonly watch: ConnectionWatch;
  readonly stats: () => PoolStats;
}

/** Those who wait for a connection of one pool. They are served in order, but none that could no longer be answered. */
export class WaitingLine {
  readonly #parts: LineParts;
  readonly #waiters = new Queue<Waiter>();
  readonly #drain: DrainRate;
  readonly #times: StatementTimes;

  constructor(parts: LineParts) {
    this.#parts = parts;
    this.#drain = new DrainRate(parts.clock);
    this.#times = new StatementTimes(parts.clock);
  }

  get size(): number {
    return this.#waiters.size;
  }

  members(): readonly Waiter[] {
    return this.#waiters.members();
  }

  /** From one who is served to the next; 0 where it is not known. */
  get intervalMs(): number {
    return this.#drain.intervalMs;
  }

  /** For a caller who may not even wait. */
  full(): DatabaseError {
    return queueFull(this.#parts.stats(), this.#waiters, this.intervalMs);
  }

  /**
   * @param pool - whose connections it is that the caller may hold already
   * @param statement - see `Pool.withConnection`
   */
  wait(pool: object, limits: CallLimits, statement: string | undefined): Promise<WireConnection> {
    const { clock, watch } = this.#parts;
    const holder = currentHolder(pool);
    const patience = holder === undefined ? limits : holder.aheadOfIt(limits, clock.now());
    const mayBeShed = own(limits, 'mayBeShed') === true && holder === undefined;
    return waitIn(this.#waiters, patience, {
      clock,
      holder,
      sheddable: mayBeShed ? statement : undefined,
      outOfTime: () => this.#outOfTime(),
      watch,
    });
  }

  /** A connection was given back. */
  freed(connections: number): void {
    this.#drain.freed(this.size > 0, connections);
  }

  /** A caller that had waited has its answer. */
  answered(statement: string, ms: number): void {
    this.#times.answered(statement, ms);
  }

  /** The first one that can still be answered. What those before it would start is work for nobody. */
  next(): Waiter | undefined {
    for (;;) {
      const waiter = this.#waiters.first;
      if (waiter === undefined) return undefined;
      const refusal = this.#tooLate(waiter);
      if (refusal === undefined) return waiter;
      waiter.reject(refusal);
    }
  }

  #tooLate({ deadline, sheddable }: Waiter): DatabaseError | undefined {
    const leftMs = deadline - this.#parts.clock.now();
    if (leftMs <= 0) return this.#outOfTime();
    const leastMs = sheddable === undefined ? 0 : this.#times.leastOf(sheddable);
    return leftMs < leastMs
      ? tooLateToStart(this.#parts.stats(), leftMs, leastMs, this.intervalMs)
      : undefined;
  }

  #outOfTime(): DatabaseError {
    return waitedInVain(this.#parts.stats(), this.#waiters);
  }
}
