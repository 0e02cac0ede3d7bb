import type { TypeInfo } from '../values/type-info.ts';

const TEXT_TYPES: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'name', 'citext']);

export function isText(type: TypeInfo): boolean {
  return TEXT_TYPES.has(type.name);
}

/** A type of the server itself, by its name in `pg_type`. */
export function isBuiltin(type: TypeInfo, name: string): boolean {
  return type.schema === 'pg_catalog' && type.name === name;
}
