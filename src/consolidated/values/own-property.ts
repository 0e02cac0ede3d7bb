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
