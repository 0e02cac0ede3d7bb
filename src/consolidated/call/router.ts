import type { Answer } from '../../contract/answer.ts';
import type { CallTrace } from '../../contract/call-trace.ts';
import type { Clock } from '../../contract/clock.ts';
import type { BeginOptions, ConnectionMode, PinnedTransaction } from '../../contract/mode.ts';
import type { Statement, StatementKind } from '../../contract/statement.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { Choice } from '../../modes/index.ts';
import type { Connections } from '../connections/connections.ts';
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

/** Brings a call to a mode: chooses it, checks its login, passes its gate. */
export class Router {
  readonly #connections: Pick<Connections, 'choose' | 'relieve' | 'check'>;
  readonly #clock: Clock;
  readonly #gate: Gate | undefined;

  constructor(
    connections: Pick<Connections, 'choose' | 'relieve' | 'check'>,
    clock: Clock,
    gate: Gate | undefined,
  ) {
    this.#connections = connections;
    this.#clock = clock;
    this.#gate = gate;
  }

  /** For what needs its own connection for longer than one batch. */
  choose(call: Call<unknown>, kind: StatementKind): Answer<ConnectionMode> {
    return this.#checked(call, this.#connections.choose(kind, known(call.actor), choiceOf(call, [])));
  }

  /**
   * For one batch. Where its mode is full, another one of its row that can begin at once takes it, unless that was tried
   * before.
   */
  chooseForBatch(
    call: Call<unknown>,
    kind: StatementKind,
    statements: readonly Statement[],
    mayMove: boolean,
  ): Answer<ConnectionMode> {
    const actor = known(call.actor);
    const choice = choiceOf(call, statements);
    const preferred = this.#connections.choose(kind, actor, choice);
    const mode = mayMove ? this.#connections.relieve(preferred, kind, actor, choice) : preferred;
    call.isMoved = mode !== preferred;
    return this.#checked(call, mode);
  }

  #checked(call: Call<unknown>, mode: ConnectionMode): Answer<ConnectionMode> {
    const actor = known(call.actor);
    call.mode = mode;
    const check = this.#connections.check(mode, actor);
    if (check === undefined) return mode;
    const checked = withinLimits(check, call.limits, this.#clock, 'while the login was checked');
    return (call.trace === undefined ? checked : this.#timed(checked, call.trace)).then(() => mode);
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
  }

  leave(call: Call<unknown>, mode: ConnectionMode, error: unknown): void {
    this.#gate?.leave(call, mode, error);
  }

  /** For work that needs its own connection for longer than one batch. */
  async withTransaction<T>(
    call: Call<unknown>,
    begin: Omit<BeginOptions, 'actor'>,
    work: (transaction: PinnedTransaction) => Promise<T>,
  ): Promise<T> {
    const mode = await this.choose(call, call.kind);
    this.enter(call, mode);
    let result: T;
    try {
      result = await mode.withTransaction(
        { ...begin, settings: ownSettings(begin), actor: known(call.actor) },
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

/** Those that were given: not what somebody added to the prototype of all objects. */
function ownSettings(begin: Omit<BeginOptions, 'actor'>): BeginOptions['settings'] {
  return Object.hasOwn(begin, 'settings') ? begin.settings : undefined;
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
