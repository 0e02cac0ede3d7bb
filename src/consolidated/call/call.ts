import type { Answer } from '../../contract/answer.ts';
import type { CallTrace } from '../../contract/call-trace.ts';
import type { Actor } from '../../contract/identity.ts';
import type {
  Batch,
  CallLimits,
  ConnectionMode,
  Field,
  ModeName,
  PinnedTransaction,
} from '../../contract/mode.ts';
import type { Statement, StatementKind } from '../../contract/statement.ts';
import type { CatalogSource } from '../catalog/catalog-source.ts';
import type { Catalog } from '../catalog/model.ts';
import type { Caller } from '../identity/caller.ts';
import type { CallOptions } from '../typed/call-options.ts';
import { ownCallOptions } from './limits.ts';
import type { CallResult, Prepare, ReadHelp, ReadyStatement } from './ready-statement.ts';

/**
 * One stage of a call. It gets the next stage when the service is created. From then on each call goes through
 * it: it fills in what it knows and passes the call on.
 *
 * A layer may return a plain value, and may throw or reject; the entry of the pipeline turns both into a rejection.
 */
export type Layer<Task = undefined> = (call: Call<Task>) => Answer<CallResult>;

/** Where calls run: in the service, or in one of its open transactions. */
export interface CallPlace {
  /** The catalog that resolves names: a transaction sees its own changes. */
  readonly catalogs: Pick<CatalogSource, 'current' | 'load' | 'reloadForMissing'>;
  /** The transaction, where it is one. */
  readonly inside: InsideTransaction | undefined;
  /** The limits of a call that starts now. Throws where it may not start, or where an option is invalid. */
  admit(options: CallOptions): Answer<CallLimits>;
}

/** An open transaction, or one of its savepoints, as calls in it see it. */
export interface InsideTransaction {
  readonly transaction: PinnedTransaction;
  /** A place in the order of its calls. */
  takeTurn(): Turn;
  readonly isOpen: boolean;
  /** Throws where it has ended since the call was admitted. */
  assertOpen(): void;
  /** What was written in it may not be kept: the answer to it could not be read. */
  fail(cause: unknown): void;
}

/** One place in an order of calls. */
export interface Turn {
  /** Resolves when all calls before it have ended; rejects where none may begin any more. */
  readonly begins: Promise<void>;
  /** The next one may begin. Calling it again does nothing. */
  end(): void;
}

/**
 * One running call: what was requested, and what each stage has found out so far. A stage reads only what the
 * stages before it have written.
 */
export class Call<Task = undefined> implements ReadHelp {
  readonly #asked: StatementKind;
  readonly place: CallPlace;
  readonly caller: Caller;
  readonly options: CallOptions;
  /** Returns undefined when the call has no statement itself, as in a transaction. */
  readonly prepare: Prepare<ReadyStatement<unknown> | undefined>;
  /** What the last stage does besides sending the statement, such as the work of a transaction. */
  readonly task: Task;

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
  /** How often it was tried. */
  attempts = 0;
  /** Set by telemetry, if there is a listener: where its time goes. */
  trace: CallTrace | undefined;
  /** Set where statements say who sent them: adds that to what is sent, and to nothing else. */
  commented: ((statements: readonly Statement[], mode: ModeName) => readonly Statement[]) | undefined;
  /** Set by an attempt: what was sent last. */
  batch: Batch | undefined;
  /** What the work of a transaction threw. It is the caller's own, and told as it is. */
  thrown: { readonly error: unknown } | undefined;

  constructor(
    kind: StatementKind,
    place: CallPlace,
    caller: Caller,
    options: CallOptions,
    prepare: Prepare<ReadyStatement<unknown> | undefined>,
    task: Task,
  ) {
    this.#asked = kind;
    this.place = place;
    this.caller = caller;
    this.options = ownCallOptions(options);
    this.prepare = prepare;
    this.task = task;
  }

  /** Whether an rpc is a read or a write is known only when its function was found; until then it counts as a write. */
  get kind(): StatementKind {
    return this.#asked === 'rpc.write' ? (this.ready?.kind ?? 'rpc.write') : this.#asked;
  }

  /** Gets the columns of the statement from the mode that it used, for a reply without them. */
  describe(): Promise<readonly Field[]> {
    const { inside } = this.place;
    if (inside !== undefined) {
      return inside.transaction.describe(known(this.ready).statements[0], this.limits);
    }
    return known(this.mode).describe(known(this.batch), this.limits);
  }

  async catalog(types: readonly number[]): Promise<Catalog> {
    const atHand = known(this.compiledWith);
    const knows = (catalog: Catalog) => types.every((type) => catalog.type(type) !== undefined);
    try {
      const fresh = await this.reload(atHand);
      // It may have been read for another call, before the change that this one met.
      return knows(fresh) ? fresh : await this.reload(fresh);
    } catch (error) {
      if (knows(atHand)) return atHand;
      throw error;
    }
  }

  /** Inside a transaction there is but its own connection, which is in use. */
  noteChange(): void {
    if (this.place.inside !== undefined) return;
    // When it fails the old catalog stays, and the next call that meets the change asks again.
    this.reload(known(this.compiledWith)).catch(() => undefined);
  }

  /** A catalog read after `seen`, with which the database does not agree; `seen` itself where that was too often. */
  reload(seen: Catalog): Promise<Catalog> {
    return this.place.catalogs.reloadForMissing('what has changed', known(this.actor), this.limits, seen);
  }

  /** Makes the statement of the call, or makes it anew. */
  compile(catalog: Catalog): void {
    this.ready = this.prepare(catalog, known(this.actor));
    this.compiledWith = catalog;
  }
}

const NOT_ADMITTED: CallLimits = { deadline: 0, maxRows: 0, maxBytes: 0 };

/** What an earlier stage has written. */
export function known<T>(value: T | undefined): T {
  if (value === undefined)
    throw new Error('A stage of the pipeline ran before the stage that it depends on.');
  return value;
}
