import { formatChanged } from './columns-changed.ts';

const SPACE = 32;
const DASH = 45;

const DAY = String.raw`\d{4,}-\d\d-\d\d`;
const TIME = String.raw`\d\d:\d\d:\d\d(?:\.\d+)?`;
const ZONE = String.raw`[+-]\d\d`;

/** A year with five digits or more, before Christ, or a zone that is not UTC. */
const RARE_TIMESTAMPTZ = new RegExp(`^(${DAY}) (${TIME})(${ZONE})((?::\\d\\d)*)( BC)?$`);
const RARE_TIMESTAMP = new RegExp(`^(${DAY}) (${TIME})( BC)?$`);
const RARE_DATE = new RegExp(`^${DAY}(?: BC)?$`);

/**
 * A timestamp with time zone as JSON prints it: `2024-01-02 03:04:05.678+00` becomes
 * `2024-01-02T03:04:05.678+00:00`. Infinities stay words; ` BC` stays at the end.
 *
 * Throws `formatChanged` for another DateStyle, as do the others: `01/02/2026` is two days.
 */
export function isoTimestamptz(text: string): string {
  if (text.charCodeAt(4) === DASH && text.charCodeAt(10) === SPACE && text.endsWith('+00'))
    return `${text.slice(0, 10)}T${text.slice(11)}:00`;
  const match = RARE_TIMESTAMPTZ.exec(text);
  if (match === null) return infinity(text);
  const [, day, time, hours, rest, era = ''] = match;
  return `${day}T${time}${hours}${rest || ':00'}${era}`;
}

/** A timestamp without time zone as JSON prints it: a `T` in place of the space. */
export function isoTimestamp(text: string): string {
  if (text.charCodeAt(4) === DASH && text.charCodeAt(10) === SPACE)
    return `${text.slice(0, 10)}T${text.slice(11)}`;
  const match = RARE_TIMESTAMP.exec(text);
  if (match === null) return infinity(text);
  const [, day, time, era = ''] = match;
  return `${day}T${time}${era}`;
}

/** A date, which JSON prints alike. */
export function isoDate(text: string): string {
  if (text.charCodeAt(4) === DASH || RARE_DATE.test(text)) return text;
  return infinity(text);
}

function infinity(text: string): string {
  if (text !== 'infinity' && text !== '-infinity') throw formatChanged();
  return text;
}

const BOUND = `"?(?:-?infinity|${DAY}(?: ${TIME}(?:${ZONE}(?::\\d\\d)*)?)?(?: BC)?)"?`;
const RANGE = `(?:empty|[[(](?:${BOUND})?,(?:${BOUND})?[\\])])`;
const RANGES = new RegExp(`^(?:${RANGE}|\\{(?:${RANGE}(?:,${RANGE})*)?\\})$`);

/** True for a range, or multirange, of dates or timestamps in ISO style. */
export function isIsoRange(text: string): boolean {
  return RANGES.test(text);
}

const INTERVAL =
  /^(?:infinity|-infinity|(?:[+-]?\d+ (?:year|mon|day)s?(?: |$))*(?:[+-]?\d\d+:\d\d:\d\d(?:\.\d+)?)?)$/;

/** True for the style `postgres`. Where another style is spelt alike, it means the same. */
export function isPostgresInterval(text: string): boolean {
  return text !== '' && INTERVAL.test(text);
}
