import type { CallTrace } from '../../contract/call-trace.ts';
import type { Clock } from '../../contract/clock.ts';
import type { Actor } from '../../contract/identity.ts';
import type { BeginOptions, ConnectionMode, PinnedTransaction } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import type { Statement, StatementKind } from '../../contract/statement.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { Choice } from '../../modes/index.ts';
import type { Connections } from '../connections/connections.ts';
import type { Fallback } from '../resilience/fallback.ts';
import { type Call, known } from './call.ts';

/**
 * Comes before the modes: entered before each attempt, left after it. It is called, not wrapped around the attempt,
 * so that it costs no promise.
 */
export interface Gate {
  /** Throws if the attempt is not allowed; then `leave` is not called. */
  enter(call: Call<unknown>, mode: ConnectionMode): void;
  /** @param error - undefined when the attempt succeeded */
  leave(call: Call<unknown>, mode: ConnectionMode, error: unknown): void;
}

/** Told around each attempt of what it changes, before and after: what was read meanwhile may be outdated. */
export interface Touching {
  begins(call: Call<unknown>): void;
  ended(call: Call<unknown>, error: unknown): void;
}

/** Which modes are chosen from, and their logins. */
export type Modes = Pick<Connections, 'choose' | 'relieve' | 'elsewhere' | 'check'>;

/** Brings a call to a mode: chooses it, checks its login, passes its gate. */
export class Router {
  readonly #connections: Modes;
  readonly #clock: Clock;
  readonly #gate: Gate | undefined;
  readonly #fallback: Fallback | undefined;
  readonly #touching: Touching | undefined;
  readonly #isOpen: ((mode: ConnectionMode) => boolean) | undefined;

  constructor(
    connections: Modes,
    clock: Clock,
    gate: Gate | undefined,
    fallback?: Fallback,
    touching?: Touching,
  ) {
    this.#connections = connections;
    this.#clock = clock;
    this.#gate = gate;
    this.#fallback = fallback;
    this.#touching = touching;
    if (fallback !== undefined) this.#isOpen = (mode) => fallback.isOpen(mode);
  }

  /** For what needs its own connection for longer than one batch. */
  choose(call: Call<unknown>, kind: StatementKind): ConnectionMode {
    const actor = known(call.actor);
    const choice = choiceOf(call, []);
    const preferred = this.#connections.choose(kind, actor, choice);
    const mode = this.#fallback?.isAway(preferred)
      ? this.#elsewhere(preferred, kind, actor, choice)
      : preferred;
    call.mode = mode;
    return mode;
  }

  /**
   * For one batch. Where its mode is full, or away because its pooler has failed, another one of its row that can begin at
   * once takes it, unless that was tried before.
   */
  chooseForBatch(
    call: Call<unknown>,
    kind: StatementKind,
    statements: readonly Statement[],
    mayMove: boolean,
  ): ConnectionMode {
    const actor = known(call.actor);
    const choice = choiceOf(call, statements);
    const preferred = this.#connections.choose(kind, actor, choice);
    const mode = mayMove ? this.#taken(preferred, kind, actor, choice) : preferred;
    call.isMoved = mode !== preferred;
    call.mode = mode;
    return mode;
  }

  #taken(preferred: ConnectionMode, kind: StatementKind, actor: Actor, choice: Choice): ConnectionMode {
    if (this.#fallback?.isAway(preferred)) return this.#elsewhere(preferred, kind, actor, choice);
    const mode = this.#connections.relieve(preferred, kind, actor, choice, this.#isOpen);
    if (mode !== preferred) this.#fallback?.relieved(preferred, mode);
    return mode;
  }

  /** Where there is no other one, the gate of its own tells why. */
  #elsewhere(preferred: ConnectionMode, kind: StatementKind, actor: Actor, choice: Choice): ConnectionMode {
    const fallback = known(this.#fallback);
    const fits = (mode: ConnectionMode) => fallback.mayTake(mode, actor);
    const mode = this.#connections.elsewhere(preferred, kind, actor, choice, fits);
    if (mode === undefined) return preferred;
    fallback.took(preferred, mode);
    return mode;
  }

  /** Waits for the check of the mode's login, where there was none yet. Within the gate: it may be what fails. */
  checked(call: Call<unknown>, mode: ConnectionMode): Promise<void> | undefined {
    const check = this.#connections.check(mode, known(call.actor));
    if (check === undefined) return undefined;
    const checked = withinLimits(check, call.limits, this.#clock, 'while the login was checked');
    return call.trace === undefined ? checked : this.#timed(checked, call.trace);
  }

  async #timed(checked: Promise<void>, trace: CallTrace): Promise<void> {
    const since = this.#clock.now();
    try {
      await checked;
    } finally {
      trace.connectMs += this.#clock.now() - since;
    }
  }

  enter(call: Call<unknown>, mode: ConnectionMode): void {
    this.#gate?.enter(call, mode);
    call.attempts += 1;
    this.#touching?.begins(call);
  }

  /** True where the mode was filled since the call has entered, which is left then: it was not tried. */
  isTaken(call: Call<unknown>, mode: ConnectionMode): boolean {
    if (call.isMoved || !mode.isFull) return false;
    this.leave(call, mode, undefined);
    call.attempts -= 1;
    return true;
  }

  leave(call: Call<unknown>, mode: ConnectionMode, error: unknown): void {
    this.#gate?.leave(call, mode, error);
    this.#touching?.ended(call, error);
  }

  /** For work that needs its own connection for longer than one batch. */
  async withTransaction<T>(
    call: Call<unknown>,
    begin: Omit<BeginOptions, 'actor'>,
    work: (transaction: PinnedTransaction) => Promise<T>,
  ): Promise<T> {
    const mode = this.choose(call, call.kind);
    this.enter(call, mode);
    let result: T;
    try {
      const check = this.checked(call, mode);
      if (check !== undefined) await check;
      result = await mode.withTransaction(
        { ...begin, settings: own(begin, 'settings'), actor: known(call.actor) },
        call.limits,
        work,
      );
    } catch (error) {
      this.leave(call, mode, error);
      throw error;
    }
    this.leave(call, mode, undefined);
    return result;
  }
}

function choiceOf(call: Call<unknown>, statements: readonly Statement[]): Choice {
  return {
    asked: call.options.mode,
    valueBytes: valueSize(statements),
    needsTypedRows: statements.some(needsTypedRows),
    isRaw: statements[0]?.plan.origin === 'raw',
  };
}

/** UTF-16 units of all bound values: a cheap measure of what the batch carries. */
function valueSize(statements: readonly Statement[]): number {
  let size = 0;
  for (const { values } of statements) for (const value of values) if (value !== null) size += value.length;
  return size;
}

function needsTypedRows({ plan }: Statement): boolean {
  return plan.document === '';
}
