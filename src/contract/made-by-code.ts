/** A value that no request contains, whatever it is: undefined, a function, a symbol, a Map, a promise that nobody awaited. */
export function isMadeByCode(value: unknown): boolean {
  if (typeof value !== 'object') return MADE_BY_CODE.has(typeof value);
  return value instanceof Promise || value instanceof Map || value instanceof Set;
}

const MADE_BY_CODE: ReadonlySet<string> = new Set(['undefined', 'function', 'symbol']);
