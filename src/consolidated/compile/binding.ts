import { ValidationError } from '../../contract/errors.ts';
import { encodeArrayLiteral } from '../values/array-literal.ts';

/** The protocol counts parameters in 16 bits; the document form has one more, the nonce. */
const MAX_VALUES = 65_534;

/** The values of one statement, in the order of their parameters. */
export class Binding {
  readonly values: (string | null)[] = [];

  /** Adds a value and returns its parameter, without a cast: `$3`. */
  add(value: string | null): string {
    this.values.push(value);
    if (this.values.length > MAX_VALUES) {
      throw new ValidationError(`A statement can have at most ${MAX_VALUES} values.`, {
        code: 'TOO_MANY_VALUES',
      });
    }
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
