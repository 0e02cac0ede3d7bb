import * as z from 'zod';
import { faultOf } from '../consolidated/values/refuse.ts';

/** The form that Postgres prints. It reads others too, but one form is enough for ids. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The largest number of `numeric(12, 2)`. */
const MAX_AMOUNT = 9_999_999_999.99;

/** A text without the spaces around it. Its length is counted in characters, as Postgres counts it. */
export function text(least: number, most: number): z.ZodType<string, string> {
  const rule = `must be a text of ${least} to ${most} characters`;
  return z
    .string(rule)
    .trim()
    .refine((value) => {
      // Twice as many code units at most: a longer text is not counted.
      if (value.length > 2 * most) return false;
      const { length } = Array.from(value);
      return length >= least && length <= most;
    }, rule)
    .refine(
      (value) => value.isWellFormed() && !value.includes('\0'),
      'must not hold U+0000 or half a character',
    );
}

export function uuid(): z.ZodType<string, string> {
  return z.string('must be a UUID').regex(UUID, 'must be a UUID');
}

/** The form of Postgres: `2027-05-01`. */
export function calendarDate(): z.ZodType<string, string> {
  const rule = 'must be a calendar date such as 2027-05-01';
  return z.iso.date(rule).refine((date) => date >= '0001', rule);
}

/** A moment: a `Date`, or ISO 8601 with an offset. Read as ISO 8601. */
export function moment(): z.ZodType<string, string | Date> {
  const rule = 'must be a moment: a Date, or a text such as 2027-05-01T12:00:00Z';
  return z.union([z.iso.datetime({ offset: true }), z.date().transform((date) => date.toISOString())], rule);
}

/** An amount of money for `numeric(12, 2)`, which would round further decimals silently. */
export function amount(): z.ZodType<number, number> {
  const rule = `must be a number from 0 to ${MAX_AMOUNT} with at most two decimals`;
  return z
    .number(rule)
    .min(0, rule)
    .max(MAX_AMOUNT, rule)
    .refine((value) => Number(value.toFixed(2)) === value, rule);
}

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

export function currencyCode(): z.ZodType<string, string> {
  const rule = 'must be the code of a currency such as EUR';
  return z.string(rule).refine((code) => CURRENCIES.has(code), rule);
}

export function countryCode(): z.ZodType<string, string> {
  const rule = 'must be the code of a country in two capital letters';
  return z.string(rule).regex(/^[A-Z]{2}$/, rule);
}

export function oneOf<const Name extends string>(names: readonly Name[]): z.ZodType<Name, Name> {
  return z.enum(names, `must be one of ${names.join(', ')}`);
}

export function wholeNumber(least: number, most: number): z.ZodType<number, number> {
  const rule = `must be a whole number from ${least} to ${most}`;
  return z.int(rule).min(least, rule).max(most, rule);
}

/** Short texts, each once, in the given order. */
export function labels(most: number, longest: number): z.ZodType<string[], string[]> {
  const rule = `must be a list of at most ${most} texts of 1 to ${longest} characters`;
  return z
    .array(text(1, longest), rule)
    .max(most, rule)
    .transform((list) => [...new Set(list)]);
}

/** A vector of as many finite numbers as the column has dimensions. */
export function vector(dimensions: number): z.ZodType<number[], number[]> {
  const rule = `must be a list of ${dimensions} finite numbers`;
  return z.array(z.number(rule), rule).length(dimensions, rule);
}

/** The id of a row as a request names it. Throws ValidationError. */
export function checkId(id: unknown, field = 'id'): string {
  if (typeof id === 'string' && UUID.test(id)) return id;
  throw new (faultOf(id))(`The ${field} must be a UUID.`, { field });
}
