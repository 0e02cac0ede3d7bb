import { own } from '../../contract/own-property.ts';
import type { TypeInfo } from './type-info.ts';

/** The type under a domain, or under a domain over domains; any other type is its own. */
export function baseOf(type: TypeInfo): TypeInfo {
  if (type.kind !== 'domain') return type;
  const inner = innerOf(type);
  return inner === undefined ? type : baseOf(inner);
}

/** The element type of an array of any number of dimensions, with domains resolved. */
export function leafOf(type: TypeInfo): TypeInfo {
  const base = baseOf(type);
  const inner = base.kind === 'array' ? innerOf(base) : undefined;
  return inner === undefined ? base : leafOf(inner);
}

/** What a domain or an array is made of, where the catalog knows it. */
export function innerOf(type: TypeInfo): TypeInfo | undefined {
  return own(type, 'inner');
}
