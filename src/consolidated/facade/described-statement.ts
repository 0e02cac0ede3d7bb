import { ValidationError } from '../../contract/errors.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { Prepare, ReadyStatement } from '../call/ready-statement.ts';
import type { BuiltStatement } from '../typed/built-statement.ts';

/**
 * What a handle's method makes of its arguments: a statement that was described but not sent. It is bound to nobody.
 *
 * `Result` is what the `Database` generic says of its answer. Nothing here can check that: the catalog is read
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

  /** A genuine one; look-alikes are refused. */
  static from(value: unknown): DescribedStatement<unknown> {
    if (typeof value === 'object' && value !== null && #prepare in value) return value;
    throw new ValidationError('The statement must be made by db.build, for example by db.build.insert(…).', {
      code: 'INVALID_STATEMENT',
    });
  }
}
