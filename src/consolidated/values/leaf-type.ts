import type { TypeInfo } from './type-info.ts';

/** The type under a domain, or under a domain over domains; any other type is its own. */
export function baseOf(type: TypeInfo): TypeInfo {
  let base = type;
  while (base.kind === 'domain' && base.inner !== undefined) base = base.inner;
  return base;
}

/** The element type of an array of any number of dimensions, with domains resolved. */
export function leafOf(type: TypeInfo): TypeInfo {
  const base = baseOf(type);
  return base.kind === 'array' && base.inner !== undefined ? leafOf(base.inner) : base;
}
