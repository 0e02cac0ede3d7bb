import type { CallTrace } from './call-trace.ts';
import type { Actor } from './identity.ts';
import type { Statement } from './statement.ts';

/** How bytes reach Postgres. */
export type ModeName = 'direct' | 'session' | 'transaction' | 'embedded';

export const MODE_NAMES = [
  'direct',
  'session',
  'transaction',
  'embedded',
] as const satisfies readonly ModeName[];

/**
 * What a mode cannot do is refused with `UNSUPPORTED`, never emulated.
 */
export interface ModeCapabilities {
  /** Interactive transactions and cursors on a pinned connection. */
  readonly pinned: boolean;
  /** More than one statement runs at the same time. */
  readonly parallel: boolean;
  /** A timeout or an abort can end a running statement. */
  readonly cancel: boolean;
}

/**
 * What one write to the server contains: the set-up of the actor, then the statements, all or nothing.
 *
 * Invariant: a statement whose `plan.origin` is `raw` is alone in its batch.
 */
export interface Batch {
  readonly actor: Actor;
  /** `read` makes the transaction read-only. */
  readonly access: 'read' | 'write';
  readonly statements: readonly Statement[];
  /** Runs before the statements, which are skipped where it fails: it claims an idempotency key. It has no reply. */
  readonly claim?: Statement | undefined;
  /** Settings for this batch only, such as `['hnsw.ef_search', '200']`. Names come from our code, never from a caller. */
  readonly settings?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Milliseconds, including the role's own limit. The deadline lowers it further. 0: no limit. */
  readonly statementTimeoutMs: number;
  /** A raw statement that commits by itself is let do so. What it did before it failed stays unknown. */
  readonly ownTransactions?: boolean | undefined;
}

/** Until when a call may take, and how large its answer may be. */
export interface CallLimits {
  /** On the clock's `now()`. The promise settles no later than 250 ms after it. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  /** Rows that one statement may return. */
  readonly maxRows: number;
  /** Bytes that the server may send for the whole batch. */
  readonly maxBytes: number;
  /** Once it has waited for a connection it may be refused, where too little time is left for its statement. */
  readonly mayBeShed?: boolean | undefined;
  /** Set where somebody is told of the call: what takes its time is added up there. */
  readonly trace?: CallTrace | undefined;
}

/** One result column as the server describes it. */
export interface Field {
  readonly name: string;
  /** OID of the type. */
  readonly type: number;
}

/**
 * The answer to one statement, not yet decoded.
 *
 * `rows`: typed columns in Postgres' text format (direct, session, embedded).
 * `document`: the JSON text `[nonce, rows, nonce]` or `[nonce, count, rows | null, nonce]`, both nonces already
 * checked (transaction mode).
 */
export type StatementReply =
  | {
      readonly form: 'rows';
      readonly fields: readonly Field[];
      readonly rows: readonly (readonly (string | null)[])[];
      /** Rows that the statement returned or affected, from its command tag. */
      readonly count: number;
    }
  | {
      readonly form: 'document';
      readonly text: string;
      /** The columns of the statement's text, where they were asked for. */
      readonly fields?: readonly Field[];
    };

/** The connections of one mode at this moment. */
export interface PoolStats {
  readonly mode: ModeName;
  readonly size: number;
  readonly idle: number;
  readonly busy: number;
  readonly waiting: number;
  readonly max: number;
}

/** A connection of a mode, to find out what answers on it. */
export interface OneConnection {
  /** The process id that the other end gave at the login. */
  readonly processId: number | undefined;
  readonly isOpen: boolean;
  /** @param names - whether the statements are sent as named ones. @defaultValue 'unnamed' */
  run(batch: Batch, names?: 'unnamed' | 'named'): Promise<readonly StatementReply[]>;
}

/** A way to connect to Postgres. Four implementations, one conformance suite. */
export interface ConnectionMode {
  readonly name: ModeName;
  readonly capabilities: ModeCapabilities;
  /** Sends one batch in one round trip; one reply per statement, in order. */
  run(batch: Batch, limits: CallLimits): Promise<readonly StatementReply[]>;
  /**
   * Opens an interactive transaction on its own connection, runs `use` in it, then commits. Rolls back and
   * rethrows when `use` throws. Throws `UNSUPPORTED` without `pinned`.
   */
  withTransaction<T>(
    options: BeginOptions,
    limits: CallLimits,
    use: (transaction: PinnedTransaction) => Promise<T>,
  ): Promise<T>;
  /** Gets the columns of a raw statement without running it. */
  describe(batch: Batch, limits: CallLimits): Promise<readonly Field[]>;
  /** Runs several batches on one connection, which nobody else uses meanwhile. Sent in a form that fits whatever answers. */
  onOneConnection<T>(limits: CallLimits, use: (connection: OneConnection) => Promise<T>): Promise<T>;
  /** A call that comes now waits until others have ended. */
  readonly isFull: boolean;
  /** A call that prefers another mode can begin here now, and leaves `reserve` connections to those that do not. */
  hasRoom(reserve: number): boolean;
  /** Milliseconds from now to the answer of a call that comes while it is full, as far as is known; 0 where nothing is. */
  readonly expectedMs: number;
  /** Milliseconds for which it has no connection and opens none, because its login was refused; 0 where it may. */
  readonly restMs: number;
  /** Ends the connections that nobody uses. */
  dropIdle(): void;
  /** At this moment. */
  stats(): PoolStats;
  /** Waits at most `drainMs` for running calls, then destroys the remaining connections. */
  close(drainMs: number): Promise<void>;
}

export type IsolationLevel = 'read committed' | 'repeatable read' | 'serializable';

/** How a transaction begins. */
export interface BeginOptions {
  readonly actor: Actor;
  readonly access: 'read' | 'write';
  readonly isolation: IsolationLevel;
  readonly settings?: readonly (readonly [name: string, value: string])[] | undefined;
  readonly statementTimeoutMs: number;
}

/**
 * An open transaction on one connection. It ends with that connection: nothing runs outside it.
 *
 * Calls are run one after the other in the order in which they were made.
 */
export interface PinnedTransaction {
  readonly mode: ModeName;
  /** One reply per statement, in order. */
  run(statements: readonly Statement[], limits: CallLimits): Promise<readonly StatementReply[]>;
  /** Gets the columns of a statement without running it. */
  describe(statement: Statement, limits: CallLimits): Promise<readonly Field[]>;
  /**
   * Makes what follows run as `begin` says: its actor, access and limits, with the pins of every set-up. They last until the
   * next one, or until the savepoint is rolled back in which it was called. For a transaction that many identities share.
   */
  actAs(begin: BeginOptions, limits: CallLimits): Promise<void>;
  /** Runs one of our own static commands, such as `savepoint s1`. */
  command(text: string, limits: CallLimits): Promise<void>;
}
