/** A prototype of nothing. V8 keeps objects that have one fast, and those that have none in a hash table. */
export const NOTHING: object = Object.freeze(Object.create(null) as object);

/**
 * True for `{…}`, also of another realm, and for objects without a prototype. Not for a Map, a Date or an object of
 * a class: their content is not in their properties.
 */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null || prototype === NOTHING) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf');
}
