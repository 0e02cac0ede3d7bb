import { ValidationError } from '../../contract/errors.ts';

/**
 * A `Date` as Postgres reads it: ISO 8601 in UTC. Years above 9999 have no sign, and years before 1 are
 * counted in BC, where JavaScript's year 0 is 1 BC.
 *
 * Throws ValidationError for an invalid date.
 */
export function encodeDate(date: Date, where: string): string {
  if (Number.isNaN(date.getTime())) throw new ValidationError(`${where} must be a valid Date.`);
  const iso = date.toISOString();
  if (iso.startsWith('0000-')) return beforeChrist(1, iso.slice(4));
  if (!iso.startsWith('+') && !iso.startsWith('-')) return iso;
  const [, sign, year = '', rest = ''] = /^([+-])(\d+)(.*)$/.exec(iso) ?? [];
  return sign === '-' ? beforeChrist(Number(year) + 1, rest) : `${Number(year)}${rest}`;
}

function beforeChrist(year: number, rest: string): string {
  return `${String(year).padStart(4, '0')}${rest} BC`;
}

/** The day of a `Date` in UTC, for columns of type date. */
export function encodeDay(date: Date, where: string): string {
  const iso = encodeDate(date, where);
  const end = iso.indexOf('T');
  return iso.endsWith(' BC') ? `${iso.slice(0, end)} BC` : iso.slice(0, end);
}

/**
 * False for text that Postgres can read as no day and no time, so that the message can name the column. Postgres knows many
 * forms and words; what is not plainly wrong is left to it.
 */
export function mayBeTime(text: string): boolean {
  const [, year, month, day] = ISO_DAY.exec(text) ?? [];
  if (year === undefined) return /\d/.test(text) || WORDS.test(text);
  const date = new Date(Date.UTC(2000, Number(month) - 1, Number(day)));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

const ISO_DAY = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?=$|[T\s])(?!.*\bBC\b)/i;
/** Days that have a name. */
const WORDS = /^\s*(?:-?infinity|epoch|now|today|tomorrow|yesterday)\b/i;
