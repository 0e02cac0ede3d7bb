const SPACE = 32;

/**
 * A timestamp with time zone as JSON prints it: `2024-01-02 03:04:05.678+00` becomes
 * `2024-01-02T03:04:05.678+00:00`. Infinities stay words; ` BC` stays at the end.
 */
export function isoTimestamptz(text: string): string {
  if (text.charCodeAt(10) === SPACE && text.endsWith('+00'))
    return `${text.slice(0, 10)}T${text.slice(11)}:00`;
  const match = /^(\S+) (\S+?)([+-]\d\d)?((?::\d\d)*)( BC)?$/.exec(text);
  if (match === null) return text;
  const [, day = '', time = '', hours = '', rest = '', era = ''] = match;
  return `${day}T${time}${hours}${hours === '' ? rest : rest || ':00'}${era}`;
}

/** A timestamp without time zone as JSON prints it: a `T` in place of the space. */
export function isoTimestamp(text: string): string {
  if (text.charCodeAt(10) === SPACE) return `${text.slice(0, 10)}T${text.slice(11)}`;
  const space = text.indexOf(' ');
  return space === -1 ? text : `${text.slice(0, space)}T${text.slice(space + 1)}`;
}
