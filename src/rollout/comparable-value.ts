const DECIMAL = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * A value as text, the same for all forms that mean the same: a time in any offset, the keys of json in any order, bytes, and,
 * with `isNumber`, a number as text.
 */
export function comparableText(value: unknown, isNumber: boolean): string {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      // -0 is not kept by json.
      return `number ${value === 0 ? 0 : value}`;
    case 'string':
      if (isNumber && DECIMAL.test(value)) return comparableText(Number(value), false);
      return timeText(value) ?? JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : objectText(value, isNumber);
    default:
      return String(value);
  }
}

function objectText(value: object, isNumber: boolean): string {
  if (Array.isArray(value)) return `[${value.map((item) => comparableText(item, isNumber)).join()}]`;
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? 'invalid time' : comparableText(value.toISOString(), false);
  }
  if (value instanceof Uint8Array) return JSON.stringify(`\\x${Buffer.from(value).toString('hex')}`);
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, item]) => `${JSON.stringify(name)}:${comparableText(item, isNumber)}`).join()}}`;
}

/** To the last digit of the fraction: a `Date` has three. */
function timeText(text: string): string | undefined {
  const [, day, time, fraction = '', zone] = TIME.exec(text) ?? [];
  if (day === undefined) return undefined;
  const digits = fraction.replace(/0+$/, '');
  if (zone === undefined) return `time ${day} ${time} ${digits}`;
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const at = Date.parse(`${day}T${time}${offset}`);
  return Number.isNaN(at) ? undefined : `moment ${at} ${digits}`;
}
