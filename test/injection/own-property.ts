/** The object with one more property of its own, `__proto__` too. */
export function own(object: object, name: string, value: unknown): Record<string, unknown> {
  return Object.defineProperty({ ...object }, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
