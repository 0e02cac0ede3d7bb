import { quotedName } from '../../contract/quoted-name.ts';
import type { TypeInfo } from '../values/type-info.ts';
import type { AttributeRow, Introspection, TypeRow } from './introspection.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const KINDS: Readonly<Record<string, TypeInfo['kind']>> = {
  a: 'array',
  b: 'base',
  c: 'composite',
  d: 'domain',
  e: 'enum',
  m: 'multirange',
  p: 'pseudo',
  r: 'range',
};

/** Types that refer to each other: all are created first, then linked. */
export class TypeTable {
  readonly #types = new Map<number, Mutable<TypeInfo>>();

  constructor(introspection: Pick<Introspection, 'types' | 'composites' | 'relations'>) {
    for (const row of introspection.types) this.#types.set(row[0], unlinked(row));
    for (const row of introspection.types) {
      const [oid, , , sql, , inner] = row;
      const type = this.#types.get(oid);
      if (type === undefined || inner === 0) continue;
      type.inner = this.get(inner);
      if (type.kind === 'array' && sql === null) type.sql = `${type.inner.sql}[]`;
    }
    for (const [oid, attributes] of introspection.composites) this.#addAttributes(oid, attributes);
    for (const [, , , rowType, columns] of introspection.relations) {
      this.#addAttributes(
        rowType,
        columns.map(([name, type]) => [name, type] as const),
      );
    }
  }

  #addAttributes(oid: number, attributes: readonly AttributeRow[]): void {
    const type = this.#types.get(oid);
    if (type === undefined) return;
    type.attributes = attributes.map(([name, attribute]) => ({ name, type: this.get(attribute) }));
  }

  find(oid: number): TypeInfo | undefined {
    return this.#types.get(oid);
  }

  /** Types that were left out (rows of system catalogs) are sent as the text that Postgres prints. */
  get(oid: number): TypeInfo {
    return (
      this.#types.get(oid) ?? {
        oid,
        schema: 'pg_catalog',
        name: 'unknown',
        sql: 'text',
        kind: 'pseudo',
        delimiter: ',',
      }
    );
  }
}

function unlinked(row: TypeRow): Mutable<TypeInfo> {
  const [oid, schema, name, sql, typtype, , delimiter, labels, relation, hidden] = row;
  return {
    oid,
    schema,
    name,
    sql: sql ?? `${quotedName(schema)}.${quotedName(name)}`,
    kind: KINDS[typtype] ?? 'base',
    delimiter,
    ...(labels !== null && { labels }),
    ...(typtype === 'e' && labels === null && { labels: [] }),
    ...(relation !== 0 && { relation }),
    ...(hidden && { hidden }),
  };
}
