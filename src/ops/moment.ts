import { UsageError } from '../contract/errors.ts';

/** A moment by the clock of the database: itself, or so many seconds from now. */
interface Moment {
  readonly at: string | null;
  readonly seconds: number | null;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * A duration such as `90s`, `30m`, `2h` or `7d`, or a time in ISO 8601 with its zone.
 *
 * @throws UsageError with this code
 */
export function momentOf(text: string, code: string): Moment {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = UNITS[unit];
  if (count !== undefined && seconds !== undefined) return { at: null, seconds: Number(count) * seconds };
  if (ISO.test(text) && !Number.isNaN(Date.parse(text))) return { at: text, seconds: null };
  throw new UsageError(`'${text}' is neither a duration nor a time.`, {
    code,
    hint: 'Write a duration such as 90s, 30m, 2h or 7d, or a time with its zone such as 2027-01-02T15:00:00Z.',
  });
}
