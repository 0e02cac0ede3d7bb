import type { TypeInfo } from '../values/type-info.ts';
import type { ColumnRow, Introspection } from './introspection.ts';
import { linkFunction } from './link-functions.ts';
import { linkSearchable } from './link-searchable.ts';
import { TypeTable } from './link-types.ts';
import type { Catalog, CatalogFunction, Column, Relation, RelationKind } from './model.ts';
import { RelationGraph } from './relation-graph.ts';
import type { RelationGraphRows } from './relation-graph-rows.ts';
import { RoleTimeouts } from './role-timeouts.ts';

const RELATION_KINDS: Readonly<Record<string, RelationKind>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
};

/** The catalog as one introspection found it; it never changes. */
export class DatabaseCatalog implements Catalog {
  readonly epoch: number;
  readonly #relations = new Map<string, Map<string, Relation>>();
  readonly #functions = new Map<string, Map<string, CatalogFunction[]>>();
  readonly #types: TypeTable;
  readonly #timeouts: RoleTimeouts;
  readonly #bypassing: ReadonlySet<string>;
  readonly #extensions: ReadonlyMap<string, string>;
  #graphRows: RelationGraphRows | undefined;
  #graph: RelationGraph | undefined;

  constructor(introspection: Introspection, epoch: number) {
    this.epoch = epoch;
    this.#types = new TypeTable(introspection);
    this.#timeouts = new RoleTimeouts(introspection.timeouts);
    this.#bypassing = new Set(introspection.bypassing);
    this.#extensions = new Map(Object.entries(introspection.extensions));
    this.#graphRows = introspection.graph;
    const roles = new RoleSets();
    const searchable = new Map(introspection.searchable.map((row) => [row[0], linkSearchable(row)]));
    for (const row of introspection.relations) {
      const [schema, name, relkind, rowType, columns, keys, rowSecurity, ...further] = row;
      const [visibleTo, columnsVisibleTo, readers, replacedWrites, partOf] = further;
      entry(this.#relations, schema, () => new Map<string, Relation>()).set(name, {
        schema,
        name,
        kind: RELATION_KINDS[relkind] ?? 'table',
        mayHideRows: rowSecurity || relkind === 'v',
        visibleTo: roles.of(visibleTo),
        readers: roles.of(readers),
        replacedWrites,
        partOf: partOf === null ? undefined : { schema: partOf[0], name: partOf[1] },
        columns: new Map(
          columns.map((column) => [column[0], this.#column(column, roles.of(column[6] ?? columnsVisibleTo))]),
        ),
        primaryKey: keys.find(([primary]) => primary)?.[1] ?? [],
        uniqueKeys: keys.map(([, names]) => names),
        singleRowKeys: keys.filter(([, , , single]) => single).map(([, names]) => names),
        uniqueKeysByName: new Map(keys.map(([, names, key]) => [key, names])),
        searchable: searchable.get(rowType),
      });
    }
    for (const row of introspection.functions) {
      const fn = linkFunction(row, this.#types, roles.of(row[12]));
      const named = entry(this.#functions, fn.schema, () => new Map<string, CatalogFunction[]>());
      entry(named, fn.name, () => []).push(fn);
    }
  }

  #column(row: ColumnRow, visibleTo: ReadonlySet<string>): Column {
    const [name, type, modifier, nullable, hasDefault, generated] = row;
    return { name, type: this.#types.get(type), modifier, nullable, hasDefault, generated, visibleTo };
  }

  relation(schema: string, name: string): Relation | undefined {
    return this.#relations.get(schema)?.get(name);
  }

  relations(schema: string): readonly Relation[] {
    return [...(this.#relations.get(schema)?.values() ?? [])];
  }

  functions(schema: string, name: string): readonly CatalogFunction[] {
    return this.#functions.get(schema)?.get(name) ?? [];
  }

  allFunctions(schema: string): readonly CatalogFunction[] {
    return [...(this.#functions.get(schema)?.values() ?? [])].flat();
  }

  type(oid: number): TypeInfo | undefined {
    return this.#types.find(oid);
  }

  bypassesRowSecurity(role: string): boolean {
    return this.#bypassing.has(role);
  }

  roleTimeoutMs(role: string): number | undefined {
    return this.#timeouts.of(role);
  }

  extensionSchema(name: string): string | undefined {
    return this.#extensions.get(name);
  }

  /** Linked when it is first asked for: only a cache asks. */
  get graph(): RelationGraph {
    if (this.#graphRows !== undefined) {
      this.#graph = new RelationGraph(this.#graphRows);
      this.#graphRows = undefined;
    }
    return this.#graph!;
  }
}

/** Equal sets of roles are one object: most relations and columns have the same. */
class RoleSets {
  readonly #sets = new Map<string, ReadonlySet<string>>();

  of(roles: readonly string[]): ReadonlySet<string> {
    return entry(this.#sets, JSON.stringify(roles), () => new Set(roles));
  }
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
