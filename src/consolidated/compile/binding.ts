import { assertBindable } from '../../contract/bound-values.ts';
import { encodeArrayLiteral } from '../values/array-literal.ts';

/** The values of one statement, in the order of their parameters. */
export class Binding {
  readonly values: (string | null)[] = [];

  /** Adds a value and returns its parameter, without a cast: `$3`. */
  add(value: string | null): string {
    this.values.push(value);
    assertBindable(this.values.length);
    return `$${this.values.length}`;
  }

  /** Adds values, already encoded, as one `text[]`. */
  addTexts(texts: readonly (string | null)[]): string {
    return this.add(textArray(texts));
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
