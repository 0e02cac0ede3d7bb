import { ValidationError } from '../../contract/errors.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { ReadyStatement } from '../call/call.ts';
import type { Prepare } from '../call/runner.ts';

/** A statement that was described but not sent. It is bound to nobody. */
export class BuiltStatement {
  readonly kind: StatementKind;
  readonly #prepare: Prepare<ReadyStatement<unknown>>;

  constructor(kind: StatementKind, prepare: Prepare<ReadyStatement<unknown>>) {
    this.kind = kind;
    this.#prepare = prepare;
  }

  /** How to prepare a genuine one; look-alikes are refused. */
  static read(value: unknown): Prepare<ReadyStatement<unknown>> {
    if (typeof value === 'object' && value !== null && #prepare in value) return value.#prepare;
    throw new ValidationError('This takes statements made by db.build, such as db.build.insert(…).', {
      code: 'INVALID_STATEMENT',
    });
  }
}
