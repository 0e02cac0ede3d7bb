import { UsageError } from '../../contract/errors.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { Prepare, ReadyStatement } from '../call/ready-statement.ts';
import type { BuiltStatement } from '../typed/built-statement.ts';

/**
 * A statement that a handle's method has described but not sent. It has no identity.
 *
 * `Result` is the type of its answer by the `Database` generic. Nothing here can check that: the catalog is read
 * at run time.
 */
export class DescribedStatement<Result> implements BuiltStatement<Result> {
  readonly kind: StatementKind;
  readonly #prepare: Prepare<ReadyStatement<unknown>>;

  constructor(kind: StatementKind, prepare: Prepare<ReadyStatement<unknown>>) {
    this.kind = kind;
    this.#prepare = prepare;
  }

  get prepare(): Prepare<ReadyStatement<unknown>> {
    return this.#prepare;
  }

  /** Throws unless the value was made here: an object that only looks like one is refused. */
  static from(value: unknown): DescribedStatement<unknown> {
    if (typeof value === 'object' && value !== null && #prepare in value) return value;
    throw new UsageError('The statement must be made by db.build, for example by db.build.insert(…).', {
      code: 'INVALID_STATEMENT',
    });
  }
}
