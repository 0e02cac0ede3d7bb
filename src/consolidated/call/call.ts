import type { Answer } from '../../contract/answer.ts';
import type { Actor } from '../../contract/identity.ts';
import type { Batch, CallLimits, ConnectionMode, Field, PinnedTransaction } from '../../contract/mode.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { CatalogSource } from '../catalog/catalog-source.ts';
import type { Catalog } from '../catalog/model.ts';
import type { Caller } from '../identity/caller.ts';
import type { CallOptions } from '../typed/call-options.ts';
import type { CallResult, Prepare, ReadHelp, ReadyStatement } from './ready-statement.ts';

/**
 * One stage on the way of a call. It takes the stage after it when the service is made, and from then on each
 * call goes through it: it fills in what it knows and hands the call on.
 *
 * A layer may answer at once, and may throw as well as reject; the door of the pipeline makes one of both.
 */
export type Layer<Task = undefined> = (call: Call<Task>) => Answer<CallResult>;

/** Where calls run: in the service, or in one of its open transactions. */
export interface CallPlace {
  /** What names resolve against: a transaction sees changes of its own. */
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
 * One call on its way: what was asked for, and what each stage has found out so far. A stage reads what those
 * before it have written, and nothing else.
 */
export class Call<Task = undefined> implements ReadHelp {
  readonly kind: StatementKind;
  readonly place: CallPlace;
  readonly caller: Caller;
  readonly options: CallOptions;
  /** Answers with undefined where there is no statement of the call's own, as in a transaction. */
  readonly prepare: Prepare<ReadyStatement<unknown> | undefined>;
  /** What the last stage does besides sending the statement, such as the work of a transaction. */
  readonly task: Task;

  /** By admission. */
  limits: CallLimits = NOT_ADMITTED;
  /** By admission, inside a transaction. */
  turn: Turn | undefined;
  /** By identification; undefined in telemetry of a call that did not get there. */
  actor: Actor | undefined;
  /** By compilation, and again where an attempt finds the catalog outdated. */
  ready: ReadyStatement<unknown> | undefined;
  /** By the choice of the way. */
  mode: ConnectionMode | undefined;
  /** By an attempt: what was sent last. */
  batch: Batch | undefined;

  constructor(
    kind: StatementKind,
    place: CallPlace,
    caller: Caller,
    options: CallOptions,
    prepare: Prepare<ReadyStatement<unknown> | undefined>,
    task: Task,
  ) {
    this.kind = kind;
    this.place = place;
    this.caller = caller;
    this.options = options;
    this.prepare = prepare;
    this.task = task;
  }

  /** Learns the columns of the statement, the way that it took, for a reply that does not tell them. */
  describe(): Promise<readonly Field[]> {
    const { inside } = this.place;
    if (inside !== undefined) {
      return inside.transaction.describe(known(this.ready).statements[0], this.limits);
    }
    return known(this.mode).describe(known(this.batch), this.limits);
  }

  /** Reads the catalog anew, for a type that is younger than the one at hand. */
  catalog(): Promise<Catalog> {
    return this.place.catalogs.reloadForMissing('a type', known(this.actor), this.limits);
  }
}

const NOT_ADMITTED: CallLimits = { deadline: 0, maxRows: 0, maxBytes: 0 };

/** What an earlier stage has written. */
export function known<T>(value: T | undefined): T {
  if (value === undefined)
    throw new Error('A stage of the pipeline ran before the stage that it depends on.');
  return value;
}
