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
