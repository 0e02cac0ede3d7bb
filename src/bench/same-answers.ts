/** Deeper than any row. What refers to itself ends here. */
const DEEPEST = 40;

/** What names of columns look like. Other keys may be values themselves, such as addresses of people. */
const COLUMN = /^\w{1,63}$/;

/**
 * What is different between two answers, as the end of a sentence; undefined where nothing is. Tells numbers of rows, names of
 * columns and types, and never a value.
 *
 * @param inOrder - whether lists must have the same order
 */
export function answerDifference(first: unknown, second: unknown, inOrder: boolean): string | undefined {
  if (!Array.isArray(first) || !Array.isArray(second) || inOrder) {
    if (textOf(first) === textOf(second)) return undefined;
    if (!Array.isArray(first) || !Array.isArray(second)) return describePair(first, second);
    return listDifference(first, second) ?? 'the same rows in another order';
  }
  return listDifference(first, second);
}

/** Of lists as sets in which the same item may stand several times. */
function listDifference(first: readonly unknown[], second: readonly unknown[]): string | undefined {
  if (first.length !== second.length) return `${first.length} rows and ${second.length} rows`;
  const left = new Map<string, unknown[]>();
  for (const item of second) {
    const text = textOf(item);
    left.set(text, [...(left.get(text) ?? []), item]);
  }
  const onlyFirst = first.filter((item) => left.get(textOf(item))?.pop() === undefined);
  const onlySecond = [...left.values()].flat();
  if (onlyFirst.length === 0) return undefined;
  const rows = `${onlyFirst.length} of ${first.length} rows`;
  return `${rows}: ${describePair(onlyFirst[0], onlySecond[0])}`;
}

function describePair(first: unknown, second: unknown): string {
  if (!isRow(first) || !isRow(second)) return `${typeOf(first)} and ${typeOf(second)}, not equal`;
  const columns = [...new Set([...Object.keys(first), ...Object.keys(second)])];
  const different = columns.filter((name) => {
    return (
      Object.hasOwn(first, name) !== Object.hasOwn(second, name) ||
      textOf(first[name]) !== textOf(second[name])
    );
  });
  const told = different.slice(0, 5).map((name) => {
    const types = [first, second].map((row) => (Object.hasOwn(row, name) ? typeOf(row[name]) : 'nothing'));
    return `${COLUMN.test(name) ? `'${name}'` : 'a key that is no name'} (${types.join(' and ')})`;
  });
  if (told.length === 0) return 'not equal';
  return `in ${told.join(', ')}${different.length > 5 ? ', …' : ''}`;
}

function isRow(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a Date';
  return typeof value;
}

/**
 * The same text for equal values, whatever their prototypes: drivers make rows of their own classes. A text, a number and a
 * bigint are not equal, nor is a column that is missing equal to one that is undefined.
 */
function textOf(value: unknown, depth = 0): string {
  if (depth > DEEPEST) throw new RangeError('The answer refers to itself, or is too deep to be compared.');
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (value === null || typeof value !== 'object')
    return typeof value === 'boolean' || value === null ? String(value) : opaque(value);
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (ArrayBuffer.isView(value)) {
    return `bytes ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item, depth + 1)).join()}]`;
  if (value instanceof Map || value instanceof Set) {
    return `${value instanceof Map ? 'Map' : 'Set'} ${textOf([...value], depth + 1)}`;
  }
  if (hidesAll(value)) return opaque(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${textOf(item, depth + 1)}`).join()}}`;
}

/** A promise, a stream or an address has no columns to see: taken for a row, it would equal every other one. */
function hidesAll(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== null && prototype !== Object.prototype && Object.keys(value).length === 0;
}

let opaqueValues = 0;

/** Equal to nothing, not even to itself, but for undefined: nobody can say that two of these are the same. */
function opaque(value: unknown): string {
  if (value === undefined) return 'undefined';
  opaqueValues += 1;
  return `opaque ${opaqueValues}`;
}

/** Whether an answer has nothing in it. */
export function isEmptyAnswer(answer: unknown): boolean {
  return answer === undefined || answer === null || (Array.isArray(answer) && answer.length === 0);
}
