import type { Answer } from '../../contract/answer.ts';
import type { Field, StatementReply } from '../../contract/mode.ts';
import type { Statement, StatementKind } from '../../contract/statement.ts';
import type { Catalog } from '../catalog/model.ts';

/** Makes a statement with the catalog; throws a ValidationError if a name is not in it. */
export type Prepare<T> = (catalog: Catalog) => T;

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
  /** Reads the catalog again, for a type that is newer than the current one. */
  catalog(): Promise<Catalog>;
}

/** Settings for one batch, such as `['hnsw.ef_search', '200']`. */
export type BatchSettings = readonly (readonly [name: string, value: string])[];

/** What one call sends, and how it is read. */
export interface ReadyStatement<T> {
  readonly kind: StatementKind;
  /** The statement, followed by those that belong in the same batch. */
  readonly statements: readonly [Statement, ...Statement[]];
  readonly settings: BatchSettings | undefined;
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

/** One value for each setting of a batch: the largest number, so that no search gets fewer candidates. */
function mergedSettings(all: readonly ReadyStatement<unknown>[]): BatchSettings {
  const merged = new Map<string, string>();
  for (const [name, value] of all.flatMap((one) => one.settings ?? [])) {
    const other = merged.get(name);
    if (other === undefined || Number(value) > Number(other)) merged.set(name, value);
  }
  return [...merged];
}
