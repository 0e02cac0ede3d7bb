import { assertBindable } from '../../contract/bound-values.ts';
import { keepShape } from '../../contract/kept-shapes.ts';
import { encodeArrayLiteral } from '../values/array-literal.ts';
import type { TypeInfo } from '../values/type-info.ts';

/** The column or argument that a value is for. */
export interface BoundTarget {
  readonly name: string;
  /** For errors: `column "title" of "trips"`. */
  readonly place: string;
  readonly type: TypeInfo;
  /** `atttypmod`. */
  readonly modifier: number;
  /** Of a column: a domain has limits of its own, which are not those of the column. */
  readonly column?: { readonly type: TypeInfo };
}

export interface BoundValue {
  /** From 1. */
  readonly parameter: number;
  readonly target: BoundTarget;
  /** One, or those that are bound together as one array. */
  readonly texts: readonly (string | null)[];
  /** A pattern of `like` or of a regular expression. */
  readonly isPattern: boolean;
}

/** What each statement binds for what. It is asked for only when the server has refused a value. */
export type BindingTrace = {
  readonly values: readonly (string | null)[];
  readonly bound: readonly BoundValue[];
}[];

/** The values of one statement, in the order of their parameters. */
export class Binding {
  readonly values: (string | null)[] = [];
  readonly #bound: BoundValue[] | undefined;

  constructor(trace?: BindingTrace) {
    if (trace === undefined) return;
    this.#bound = [];
    trace.push({ values: this.values, bound: this.#bound });
  }

  /** Adds a value and returns its parameter, without a cast: `$3`. */
  add(value: string | null, target?: BoundTarget, isPattern = false): string {
    this.values.push(value);
    assertBindable(this.values.length);
    if (this.#bound !== undefined && target !== undefined) {
      this.#bound.push({ parameter: this.values.length, target, texts: [value], isPattern });
    }
    return `$${this.values.length}`;
  }

  /** Adds values, already encoded, as one `text[]`. */
  addTexts(texts: readonly (string | null)[], target?: BoundTarget): string {
    const added = this.add(textArray(texts));
    if (this.#bound !== undefined && target !== undefined) {
      this.#bound.push({ parameter: this.values.length, target, texts, isPattern: false });
    }
    return added;
  }
}

/** Encoded values as the literal of an array whose elements are separated by `delimiter`. */
export function textArray(texts: readonly (string | null)[], delimiter = ','): string {
  return encodeArrayLiteral(
    texts,
    { delimiter, bare: false, elementIsArray: false, encodeElement: (text) => text as string | null },
    'an array of values',
  );
}

keepShape(new Binding());
