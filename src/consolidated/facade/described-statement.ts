import { UsageError } from '../../contract/errors.ts';
import { keepShape, unused } from '../../contract/kept-shapes.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { Asking, Prepare, ReadyStatement, Uncompiled } from '../call/ready-statement.ts';
import { snapshot } from '../compile/snapshot.ts';
import type { BuiltStatement } from '../typed/built-statement.ts';

type Make<Given> = (given: Given, ...from: Parameters<Prepare<unknown>>) => ReadyStatement<unknown>;

/**
 * A statement that a handle's method has described but not sent. It has no identity.
 *
 * `Result` is the type of its answer by the `Database` generic. Nothing here can check that: the catalog is read
 * at run time.
 */
export class DescribedStatement<Result, Given = unknown>
  implements BuiltStatement<Result>, Uncompiled<ReadyStatement<unknown>>
{
  readonly kind: StatementKind;
  /** The caller's own objects, or a copy of them. */
  #given: Given;
  /** They are only ever given `#given`. */
  readonly #make: Make<unknown>;
  readonly #asking: ((given: unknown) => Asking) | undefined;
  #isHeld = false;

  /**
   * @param given all that the statement is made of and the caller may change
   * @param asking what it asks, where that can be said; made once, not for each call
   */
  constructor(kind: StatementKind, given: Given, make: Make<Given>, asking?: (given: Given) => Asking) {
    this.kind = kind;
    this.#given = given;
    this.#make = make as Make<unknown>;
    this.#asking = asking as ((given: unknown) => Asking) | undefined;
  }

  prepare(...[catalog, actor, trace]: Parameters<Prepare<unknown>>): ReadyStatement<unknown> {
    return this.#make(this.#given, catalog, actor, trace);
  }

  question(): Asking | undefined {
    return this.#asking?.(this.#given);
  }

  hold(): void {
    if (this.#isHeld) return;
    this.#given = snapshot(this.#given);
    this.#isHeld = true;
  }

  /** It is sent later, so that it is held from now on. */
  get later(): this {
    this.hold();
    return this;
  }

  /** Throws unless the value was made here: an object that only looks like one is refused. */
  static from(value: unknown): DescribedStatement<unknown> {
    if (typeof value === 'object' && value !== null && #given in value) {
      return value as DescribedStatement<unknown>;
    }
    throw new UsageError('The statement must be made by db.build, for example by db.build.insert(…).', {
      code: 'INVALID_STATEMENT',
    });
  }
}

keepShape(new DescribedStatement('select', undefined, unused));
