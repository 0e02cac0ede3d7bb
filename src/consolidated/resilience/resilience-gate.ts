import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, ConnectionMode, ModeName } from '../../contract/mode.ts';
import type { BreakerState, LoginName } from '../../contract/service-event.ts';
import { faultClassOf } from './fault-class.ts';
import { GuardedWay, type WayParts } from './guarded-way.ts';

/** Of a call, what its way asks and keeps. */
interface Passing {
  readonly limits: CallLimits;
  readonly actor: Actor | undefined;
  /** What the work of a transaction threw. */
  readonly thrown: { readonly error: unknown } | undefined;
  /** Of the attempt that is under way. */
  pass: number;
}

interface GateParts extends WayParts {
  readonly loginOf: (actor: Actor) => LoginName;
  /** Whom the probes of a login act as. */
  readonly prober: (login: LoginName) => Actor;
}

/** The gate before the modes: each mode of each login has a bulkhead and a breaker of its own. */
export class ResilienceGate {
  readonly #parts: GateParts;
  readonly #ways = new Map<ConnectionMode, GuardedWay>();

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** @throws OverloadedError, CircuitOpenError */
  enter(call: Passing, mode: ConnectionMode): void {
    const way = this.#ways.get(mode) ?? this.wayOf(mode, call.actor);
    call.pass = way.enter(call.limits);
  }

  leave(call: Passing, mode: ConnectionMode, error: unknown): void {
    const way = this.#ways.get(mode);
    if (error === undefined) way?.leave(call.pass, 'answered', undefined);
    // What the work of a transaction throws may come from anywhere, and its own BEGIN was answered before.
    else if (call.thrown?.error !== error) way?.leave(call.pass, faultClassOf(error).evidence, error);
  }

  /** The way that a mode is, if it was used before. */
  known(mode: ConnectionMode): GuardedWay | undefined {
    return this.#ways.get(mode);
  }

  /** For whoever shows the breakers; closed where the mode was never used. */
  stateOf(mode: ModeName, login: LoginName): BreakerState {
    for (const way of this.#ways.values()) {
      if (way.mode.name === mode && way.login === login) return way.state;
    }
    return 'closed';
  }

  wayOf(mode: ConnectionMode, actor: Actor | undefined): GuardedWay {
    let way = this.#ways.get(mode);
    if (way === undefined) {
      const { loginOf, prober } = this.#parts;
      const login = actor === undefined ? 'users' : loginOf(actor);
      way = new GuardedWay(mode, login, prober(login), this.#parts);
      this.#ways.set(mode, way);
    }
    return way;
  }

  /** No way is probed any more. */
  end(): void {
    for (const way of this.#ways.values()) way.end();
  }
}
