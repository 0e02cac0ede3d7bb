/**
 * A property of the object itself: not one that somebody added to the prototype of all objects. For whatever may lack the
 * property, and for tables that are asked by names from elsewhere.
 */
export function own<T extends object, Name extends keyof T>(object: T, name: Name): T[Name] | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * Sets a property whose name comes from the database. A plain assignment to `__proto__` would change
 * the prototype instead.
 */
export function setOwn<V>(target: Record<string, V>, name: string, value: V): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    target[name] = value;
  }
}
