import type { StatementKind } from '../../contract/statement.ts';
import type { Catalog } from '../catalog/model.ts';
import type { CallOptions, ReadyStatement } from './call.ts';

/** Makes a statement from the catalog; throws a ValidationError where a name is not in it. */
export type Prepare<T> = (catalog: Catalog) => T;

export interface StreamOptions extends CallOptions {
  /** Rows to fetch at a time. */
  readonly batchSize: number;
}

/**
 * Where the statements of a handle go: to the mode that the table names, or into one open transaction.
 * The methods of a handle are the same over both.
 */
export interface Runner {
  run<T>(kind: StatementKind, options: CallOptions, prepare: Prepare<ReadyStatement<T>>): Promise<T>;
  /** All of them or none, in one round trip. */
  runAll(options: CallOptions, prepare: Prepare<readonly ReadyStatement<unknown>[]>): Promise<unknown[]>;
  stream<Row>(
    options: StreamOptions,
    prepare: Prepare<ReadyStatement<readonly Row[]>>,
  ): AsyncGenerator<Row, void>;
  explain(
    options: CallOptions & { readonly analyze: boolean },
    prepare: Prepare<ReadyStatement<unknown>>,
  ): Promise<string>;
}
