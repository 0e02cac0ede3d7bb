import type { Clock, Timer } from '../../contract/clock.ts';
import type { WireConnection } from '../wire/wire-connection.ts';
import type { PoolSettings } from './pool-parts.ts';

const SWEEP_MS = 1_000;
const REPLACED_MS = 1_000;

interface MembersParts {
  readonly settings: Pick<PoolSettings, 'idleTimeoutMs' | 'maxLifetimeMs'>;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
}

/** The connections of a pool, each with the time at which its life ends. */
export class Members {
  readonly #parts: MembersParts;
  readonly #endsAt = new Map<WireConnection, number>();
  /** Called about once a second while there are any. */
  readonly #sweep: () => void;
  #timer: Timer | undefined;
  #isClosed = false;
  #replacedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: MembersParts, sweep: () => void) {
    this.#parts = parts;
    this.#sweep = sweep;
  }

  get size(): number {
    return this.#endsAt.size;
  }

  has(connection: WireConnection): boolean {
    return this.#endsAt.has(connection);
  }

  all(): readonly WireConnection[] {
    return [...this.#endsAt.keys()];
  }

  add(connection: WireConnection): void {
    const { settings, clock, random } = this.#parts;
    const lifetime = settings.maxLifetimeMs * (1 - random() / 10);
    this.#endsAt.set(connection, clock.now() + lifetime);
    this.#schedule();
  }

  /** @returns false where it was none */
  delete(connection: WireConnection): boolean {
    return this.#endsAt.delete(connection);
  }

  /** Its life is over: nobody gets it any more. */
  isOver(connection: WireConnection): boolean {
    return (this.#endsAt.get(connection) ?? 0) <= this.#parts.clock.now();
  }

  /** It may close, although it works: it is over, or has been idle for long. */
  isSuperfluous(connection: WireConnection): boolean {
    const idleUntil = connection.lastUsedAt + this.#parts.settings.idleTimeoutMs;
    return this.isOver(connection) || idleUntil <= this.#parts.clock.now();
  }

  /**
   * The server no longer writes, and another one may: the lives of all connections end, so that new ones are opened, for
   * which the name of the host is looked up anew. Once in a while only, as the URL may be that of a replica.
   *
   * @returns false where that was a short time ago
   */
  endAll(): boolean {
    const now = this.#parts.clock.now();
    if (now < this.#replacedAt + REPLACED_MS) return false;
    this.#replacedAt = now;
    for (const connection of this.#endsAt.keys()) this.#endsAt.set(connection, now);
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = this.#parts.clock.schedule(() => {
      this.#timer = undefined;
      this.#sweep();
      if (this.#endsAt.size > 0) this.#schedule();
    }, SWEEP_MS);
  }
}
