import type { Answer } from '../../contract/answer.ts';
import type { Actor } from '../../contract/identity.ts';
import type { Field, StatementReply } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import type { Statement, StatementKind } from '../../contract/statement.ts';
import type { Catalog } from '../catalog/model.ts';
import type { BindingTrace } from '../compile/binding.ts';
import type { TextPlan } from '../values/text-plan.ts';
import { type ServerSettings, settingsOf } from './statement-settings.ts';

/**
 * Makes a statement of this caller from the catalog; throws a UsageError where a name is not in it.
 *
 * @param trace - gets what is bound for what
 */
export type Prepare<T> = (catalog: Catalog, actor: Actor, trace?: BindingTrace) => T;

/** What a call was given, where its method describes one statement. */
export interface Asking {
  readonly method: string;
  readonly schema: string;
  /** Of the table or function. */
  readonly name: string;
  readonly options: object;
  /** Rows of a write, arguments of a function. */
  readonly value?: unknown;
}

/** What a call sends, before it is compiled. */
export interface Uncompiled<T> {
  prepare(...from: Parameters<Prepare<unknown>>): T;
  /**
   * Keeps what the caller has passed as it is now. For a call that cannot be compiled at once: what was passed is what
   * runs, whatever becomes of the caller's objects.
   */
  hold(): void;
  /** What is asked, where that can be said without compiling it. */
  question(): Asking | undefined;
}

/** For what holds no values of the caller, or has kept them already. */
export function held<T>(prepare: Prepare<T>): Uncompiled<T> {
  return { prepare, hold: () => undefined, question: () => undefined };
}

/** The result of a call. */
export interface CallResult<T = unknown> {
  readonly value: T;
  /** Rows returned or written, for telemetry. */
  readonly rows: number;
  /** Milliseconds since it was read, at most. Left out where that was for this call, or for one at the same time. */
  readonly maxAgeMs?: number;
}

/** What reading a reply may need, each in its own round trip. */
export interface ReadHelp {
  /** Gets the columns of the statement. */
  describe(): Promise<readonly Field[]>;
  /** Sends one of our own reads where the statement ran, and gets its column. */
  ask(question: TextPlan, values: readonly string[]): Promise<readonly (string | null)[]>;
  /** Reads the catalog anew: the database has changed since. What is not in it does not exist, or is nobody's to know. */
  catalog(): Promise<Catalog>;
  /** The database has changed: later calls are to be compiled with a newer catalog. Nobody waits for it. */
  noteChange(): void;
}

/** What claims the idempotency key of a call before its statements, and what reads their results where they are kept. */
export interface KeyedStatements {
  readonly claim: Statement;
  /** One for each statement of the call. Its reply is read as that to the statement. */
  readonly kept: readonly Statement[];
}

/** A read as a cache sees it: what decides its answer, besides its text, its values and its caller. */
export interface Recallable {
  /** Of the handle, and what form of its answer is asked for: what is made of one reply, where there are several. */
  readonly method: string;
  /** Relations that it reads, as `schema.name`. */
  readonly tables: readonly string[];
  /** The function that it calls, as `schema.name`: what that reads is not known. */
  readonly fn: string | undefined;
  /** The answer is the planner's, which changes without a write. */
  readonly isEstimate: boolean;
}

/** What one call sends, and how it is read. */
export interface ReadyStatement<T> {
  readonly kind: StatementKind;
  /** The statement, followed by those that belong in the same batch. */
  readonly statements: readonly [Statement, ...Statement[]];
  /** For all of the statements. */
  readonly settings: ServerSettings | undefined;
  /** Where they differ, those of each: no other runs with them. */
  readonly settingsOfEach?: readonly ServerSettings[];
  /** Sent without its limit, because the catalog names a unique key of one row. */
  readonly isUnlimited?: boolean;
  /** It reads a key that its caller did not ask for, because the catalog says that the role may. */
  readonly readsKey?: boolean;
  /** The relation or function as `schema.name`, where it is one. */
  readonly target?: string | undefined;
  /**
   * What replies it reads, in words that are equal for two statements exactly when each can read the replies to the
   * other. Left out where only replies to the same text are read.
   */
  readable?(form: StatementReply['form']): string;
  /**
   * What is asked, in words that are equal for two statements exactly when their answers are. Left out where text, values and
   * settings say it: those of a search also depend on what earlier searches have shown.
   */
  asked?(): string;
  /** Raw SQL that is let commit by itself, which only the service may. */
  readonly ownTransactions?: boolean;
  /** Left out where no answer to it is ever given again. */
  readonly recallable?: Recallable | undefined;
  /** Relations and functions that raw SQL or a function changes, as the caller says; left out where it does not. */
  readonly declaredWrites?: readonly string[] | undefined;
  /** Those that it was made of, where there are several. */
  readonly parts?: readonly ReadyStatement<unknown>[];
  /** It carries an idempotency key, so the database applies it once, however often it is sent; see `keyedPrepare`. */
  readonly keyed?: KeyedStatements;
  /** @param replies - one for each statement */
  read(replies: readonly StatementReply[], help: ReadHelp): Answer<CallResult<T>>;
}

/**
 * Several statements as one, for a batch: all of them or none. Their results come in their order.
 *
 * @param all - at least one
 */
export function asOne(all: readonly ReadyStatement<unknown>[]): ReadyStatement<readonly unknown[]> {
  return {
    kind: 'batch',
    statements: all.flatMap((one) => one.statements) as [Statement, ...Statement[]],
    ...settingsOf(all),
    isUnlimited: all.some((one) => own(one, 'isUnlimited') === true),
    readsKey: all.some((one) => own(one, 'readsKey') === true),
    parts: all,
    target: all.every(({ target }) => target === all[0]?.target) ? all[0]?.target : undefined,
    readable: (form) => all.map((one) => readableOf(one, form)).join('\n'),
    async read(replies, help) {
      const value: unknown[] = [];
      let rows = 0;
      let at = 0;
      for (const one of all) {
        const result = await one.read(replies.slice(at, at + one.statements.length), help);
        value.push(result.value);
        rows += result.rows;
        at += one.statements.length;
      }
      return { value, rows };
    },
  };
}

/** What `readable` says of replies in this form, or the texts that they answer. */
export function readableOf(ready: ReadyStatement<unknown>, form: StatementReply['form']): string {
  const readable = own(ready, 'readable');
  if (readable !== undefined) return readable(form);
  return ready.statements.map(({ plan }) => (form === 'document' ? plan.document : plan.text)).join('\n');
}
