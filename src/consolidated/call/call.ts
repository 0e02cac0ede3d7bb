import type { Answer } from '../../contract/answer.ts';
import type { CallTrace } from '../../contract/call-trace.ts';
import { DatabaseError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import { keepShape, unused } from '../../contract/kept-shapes.ts';
import type {
  Batch,
  CallLimits,
  ConnectionMode,
  Field,
  ModeName,
  PinnedTransaction,
} from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import type { Statement, StatementKind } from '../../contract/statement.ts';
import type { Catalog } from '../catalog/model.ts';
import type { BindingTrace, BoundValue } from '../compile/binding.ts';
import type { Caller } from '../identity/caller.ts';
import type { TextPlan } from '../values/text-plan.ts';
import { askAlike } from './ask-alike.ts';
import type { CallPlace, ReloadedCatalogs, Turn } from './call-place.ts';
import { ownCallOptions, type SentOptions } from './limits.ts';
import {
  type Asking,
  type CallResult,
  held,
  type ReadHelp,
  type ReadyStatement,
  type Uncompiled,
} from './ready-statement.ts';
import type { SettledStatements } from './statement-settings.ts';
import type { TouchedTables } from './touched.ts';

/**
 * One stage of a call. It gets the next stage when the service is created. From then on each call goes through
 * it: it fills in what it knows and passes the call on.
 *
 * A layer may return a plain value, and may throw or reject; the entry of the pipeline turns both into a rejection.
 */
export type Layer<Task = undefined> = (call: Call<Task>) => Answer<CallResult>;

/** What is told of a call that was answered before it was compiled. */
interface Recalled {
  readonly kind: StatementKind;
  readonly target: string | undefined;
}

/** What a call has taken for itself alone: a stream has a transaction of its own. */
interface Held {
  readonly transaction: PinnedTransaction;
  /** Read inside of it: another connection may not be available. */
  readonly catalogs: ReloadedCatalogs;
}

/**
 * One running call: what was requested, and what each stage has found out so far. A stage reads only what the
 * stages before it have written.
 */
export class Call<Task = undefined> implements ReadHelp {
  readonly #asked: StatementKind;
  readonly place: CallPlace;
  readonly caller: Caller;
  readonly options: SentOptions;
  /** Prepares undefined when the call has no statement itself, as in a transaction. */
  readonly #uncompiled: Uncompiled<ReadyStatement<unknown> | undefined>;
  /** What the last stage does besides sending the statement, such as the work of a transaction. */
  readonly task: Task;

  /** It is a transaction with an idempotency key: set by its last stage. */
  isKeyedTransaction = false;

  /** Set by admission. */
  limits: CallLimits = NOT_ADMITTED;
  /** By admission, inside a transaction. */
  turn: Turn | undefined;
  /** By identification; undefined in telemetry of a call that did not get there. */
  actor: Actor | undefined;
  /** Set by compilation, and again when an attempt finds the catalog outdated. */
  ready: ReadyStatement<unknown> | undefined;
  /** Set with `ready`. */
  compiledWith: Catalog | undefined;
  /** Set when the mode is chosen. */
  mode: ConnectionMode | undefined;
  /** Set with `mode`: it is not the preferred one, which was full. */
  isMoved = false;
  /** Set by the last stage of a stream. */
  held: Held | undefined;
  /** By the gate, for the attempt that is under way. */
  pass = 0;
  /** How often it was tried. */
  attempts = 0;
  /** Set by telemetry, if there is a listener: where its time goes. */
  trace: CallTrace | undefined;
  /** By a cache, where the call asks for one and its question can be said: the key of the answer. */
  recallKey: string | undefined;
  /** Set where a cache answered before the call was compiled. */
  recalled: Recalled | undefined;
  /** What a cache did for it; undefined where it was not asked. */
  cached: 'hit' | 'stale' | 'shared' | 'second level' | 'miss' | 'refused' | undefined;
  /** Of a transaction: what its statements touch. */
  touched: TouchedTables | undefined;
  /** Set where statements say who sent them: adds that to what is sent, and to nothing else. */
  commented: ((statements: readonly Statement[], mode: ModeName) => readonly Statement[]) | undefined;
  /** Set by an attempt: what was sent last. */
  batch: Batch | undefined;
  /** Set by an attempt, where statements were sent with others that set what they need. */
  settled: SettledStatements | undefined;
  /** What the work of a transaction threw. It is the caller's own, and told as it is. */
  thrown: { readonly error: unknown } | undefined;

  constructor(
    kind: StatementKind,
    place: CallPlace,
    caller: Caller,
    options: SentOptions,
    uncompiled: Uncompiled<ReadyStatement<unknown> | undefined>,
    task: Task,
  ) {
    this.#asked = kind;
    this.place = place;
    this.caller = caller;
    this.options = ownCallOptions(options);
    this.#uncompiled = uncompiled;
    this.task = task;
  }

  /** Whether an rpc is a read or a write is known only when its function was found; until then it counts as a write. */
  get kind(): StatementKind {
    if (this.#asked !== 'rpc.write') return this.#asked;
    return this.ready?.kind ?? this.recalled?.kind ?? 'rpc.write';
  }

  /** It has an idempotency key, so that it may be sent again after any outcome: it is applied once. */
  get isKeyed(): boolean {
    const { ready } = this;
    if (ready === undefined) return this.isKeyedTransaction;
    return own(ready, 'keyed') !== undefined;
  }

  /** Gets the columns of the statement from the mode that it used, for a reply without them. */
  describe(): Promise<readonly Field[]> {
    const { inside } = this.place;
    if (inside !== undefined) {
      return inside.transaction.describe(known(this.ready).statements[0], this.limits);
    }
    return known(this.mode).describe(known(this.batch), this.limits);
  }

  async ask(question: TextPlan, values: readonly string[]): Promise<readonly (string | null)[]> {
    const statement = { plan: question.plan, values };
    const transaction = this.held?.transaction ?? this.place.inside?.transaction;
    const [reply] =
      transaction === undefined
        ? await known(this.mode).run(
            {
              ...known(this.batch),
              access: 'read',
              statements: [statement],
              settings: undefined,
              ownTransactions: undefined,
            },
            this.limits,
          )
        : await transaction.run([statement], this.limits);
    return question.read(reply);
  }

  catalog(): Promise<Catalog> {
    const { catalogs } = this.held ?? this.place;
    return catalogs.reloadForReply(known(this.actor), this.limits);
  }

  /** Inside a transaction there is but its own connection, which is in use. */
  noteChange(): void {
    if (this.place.inside !== undefined) return;
    // When it fails the old catalog stays, and the next call that meets the change asks again.
    this.#reloaded(this.place.catalogs, known(this.compiledWith)).catch(() => undefined);
  }

  /** A catalog read after `seen`, with which the database does not agree; `seen` itself where that was too often. */
  reload(seen: Catalog): Promise<Catalog> {
    return this.#reloaded((this.held ?? this.place).catalogs, seen);
  }

  #reloaded(catalogs: ReloadedCatalogs, seen: Catalog): Promise<Catalog> {
    return catalogs.reloadForMissing('what has changed', known(this.actor), this.limits, seen);
  }

  /** Makes the statement of the call, or makes it anew. */
  compile(catalog: Catalog): void {
    this.ready = this.#prepared(catalog);
    this.compiledWith = catalog;
  }

  /** For a call that could not be compiled at once: later it is compiled from what was passed, as it is now. */
  hold(): void {
    if (this.ready === undefined && this.cached === undefined) this.#uncompiled.hold();
  }

  /** See `Uncompiled`. */
  get question(): Asking | undefined {
    return this.#uncompiled.question();
  }

  /** False where it must not be compiled anew: its caller has changed the objects since that it was compiled from. */
  get isUnchanged(): boolean {
    return this.#sentAgain() !== undefined;
  }

  /** What the statement at this place of what was sent has bound for what. Nothing where the caller has changed it since. */
  boundBy(place: number): readonly BoundValue[] {
    const trace: BindingTrace = [];
    const values = this.#sentAgain(trace)?.statements[this.settled?.ownAt(place) ?? place]?.values;
    return trace.find((one) => one.values === values)?.bound ?? [];
  }

  /** What was sent, compiled once more from the caller's own objects; undefined where that asks something else by now. */
  #sentAgain(trace?: BindingTrace): ReadyStatement<unknown> | undefined {
    const { actor, compiledWith, ready } = this;
    if (actor === undefined || compiledWith === undefined || ready === undefined) return undefined;
    try {
      const again = this.#uncompiled.prepare(compiledWith, actor, trace);
      return again !== undefined && askAlike(ready, again) ? again : undefined;
    } catch {
      return undefined;
    }
  }

  /** The same question, for nobody who waits. */
  again(limits: CallLimits): Call<Task> {
    const { ready, compiledWith, actor } = this;
    const uncompiled = { ...held(() => ready), question: () => this.question };
    const call = new Call(this.#asked, this.place, this.caller, this.options, uncompiled, this.task);
    call.limits = limits;
    call.actor = actor;
    call.ready = ready;
    call.compiledWith = compiledWith;
    return call;
  }

  #prepared(catalog: Catalog): ReadyStatement<unknown> | undefined {
    const actor = known(this.actor);
    try {
      return this.#uncompiled.prepare(catalog, actor);
    } catch (error) {
      if (error instanceof DatabaseError) throw error;
      // What was passed may be an object that throws when it is read. Its copy throws an error that says so.
      this.#uncompiled.hold();
      return this.#uncompiled.prepare(catalog, actor);
    }
  }
}

const NOT_ADMITTED: CallLimits = { deadline: 0, signal: undefined, maxRows: 0, maxBytes: 0 };

const NOWHERE: CallPlace = {
  catalogs: {
    current: undefined,
    load: unused,
    reloadForMissing: unused,
    reloadForReply: unused,
    reloadForLabel: unused,
  },
  inside: undefined,
  admit: unused,
};

keepShape(
  new Call(
    'select',
    NOWHERE,
    { resolve: unused },
    {},
    { prepare: unused, hold: unused, question: unused },
    undefined,
  ),
);

/** What an earlier stage has written. */
export function known<T>(value: T | undefined): T {
  if (value === undefined)
    throw new Error('A stage of the pipeline ran before the stage that it depends on.');
  return value;
}
