import type { Answer } from '../../contract/answer.ts';
import type { Actor } from '../../contract/identity.ts';
import type { Field, StatementReply } from '../../contract/mode.ts';
import type { Statement, StatementKind } from '../../contract/statement.ts';
import type { Catalog } from '../catalog/model.ts';

/** Makes a statement of this caller from the catalog; throws a UsageError where a name is not in it. */
export type Prepare<T> = (catalog: Catalog, actor: Actor) => T;

/** The result of a call. */
export interface CallResult<T = unknown> {
  readonly value: T;
  /** Rows returned or written, for telemetry. */
  readonly rows: number;
}

/** What reading a reply may need, each in its own round trip. */
export interface ReadHelp {
  /** Gets the columns of the statement. */
  describe(): Promise<readonly Field[]>;
  /** Reads the catalog anew: the database has changed since. It knows the types, unless nobody does. */
  catalog(types: readonly number[]): Promise<Catalog>;
  /** The database has changed: later calls are to be compiled with a newer catalog. Nobody waits for it. */
  noteChange(): void;
}

/** Settings for one batch, such as `['hnsw.ef_search', '200']`. */
export type BatchSettings = readonly (readonly [name: string, value: string])[];

/** What one call sends, and how it is read. */
export interface ReadyStatement<T> {
  readonly kind: StatementKind;
  /** The statement, followed by those that belong in the same batch. */
  readonly statements: readonly [Statement, ...Statement[]];
  readonly settings: BatchSettings | undefined;
  /** The relation or function as `schema.name`, where it is one. */
  readonly target?: string | undefined;
  /**
   * What replies it reads, in words that are equal for two statements exactly when each can read the replies to the
   * other. Left out where only replies to the same text are read.
   */
  readable?(form: StatementReply['form']): string;
  /** Raw SQL that is let commit by itself, which only the service may. */
  readonly ownTransactions?: boolean;
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
    settings: mergedSettings(all),
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
  if (ready.readable !== undefined) return ready.readable(form);
  return ready.statements.map(({ plan }) => (form === 'document' ? plan.document : plan.text)).join('\n');
}

/** One value for each setting of a batch: of numbers the largest, so that no search gets fewer candidates. */
function mergedSettings(all: readonly ReadyStatement<unknown>[]): BatchSettings {
  const merged = new Map<string, string>();
  for (const [name, value] of all.flatMap((one) => one.settings ?? [])) {
    const other = merged.get(name);
    if (other === undefined || Number(value) > Number(other)) merged.set(name, value);
  }
  return [...merged];
}
