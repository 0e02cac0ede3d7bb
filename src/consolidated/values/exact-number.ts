import { UnreadableDataError } from '../../contract/errors.ts';

export const NUMBER_TOO_LARGE = 'NUMBER_TOO_LARGE';

/** A double keeps every decimal number with this many digits. */
const SAFE_DIGITS = 15;

/**
 * The number whose shortest decimal form has the digits of `text`, or undefined if there is none.
 * Zeros at the end of a fraction do not count: `1.50` is 1.5.
 *
 * @param text digits as Postgres prints int8 and numeric: `-12`, `0.001`, never with an exponent
 */
export function exactNumber(text: string): number | undefined {
  const number = +text;
  // A point or a sign only means fewer digits.
  if (text.length <= SAFE_DIGITS) return number;
  return significantDigits(text) === significantDigits(String(number)) ? number : undefined;
}

/** As `<sign>0.<digits>e<exponent>` without zeros at either end of the digits. */
function significantDigits(text: string): string {
  const match = /^(-?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`;
  const first = digits.search(/[1-9]/);
  if (first === -1) return '0';
  return `${sign}0.${digits.slice(first).replace(/0+$/, '')}e${whole.length - first + Number(exponent)}`;
}

/** A codec does not know its `column`; the row decoder adds it. */
export function numberTooLarge(column?: string): UnreadableDataError {
  const subject = column === undefined ? 'A value' : `A value of column "${column}"`;
  return new UnreadableDataError(`${subject} has more digits than a JavaScript number can hold.`, {
    code: NUMBER_TOO_LARGE,
    hint: "Set the option largeNumbers: 'string' to get bigint and numeric values as strings, or cast the column to text.",
    ...(column !== undefined && { field: column }),
  });
}
