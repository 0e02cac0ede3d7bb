import type { RelationGraphRows } from './relation-graph-rows.ts';

/** The answer of `INTROSPECTION_SQL`, parsed. */
export interface Introspection {
  readonly relations: readonly RelationRow[];
  readonly types: readonly TypeRow[];
  /** Composite types that are not rows of an exposed relation. */
  readonly composites: readonly (readonly [oid: number, attributes: readonly AttributeRow[]])[];
  readonly functions: readonly FunctionRow[];
  readonly timeouts: readonly TimeoutRow[];
  /** Roles that no policy applies to. */
  readonly bypassing: readonly string[];
  readonly extensions: Readonly<Record<string, string>>;
  readonly graph: RelationGraphRows;
  /** Relations with a vector or halfvec column, but for views and foreign tables. */
  readonly searchable: readonly SearchableRow[];
}

type RelationRow = readonly [
  schema: string,
  name: string,
  relkind: string,
  rowType: number,
  columns: readonly ColumnRow[],
  keys: readonly KeyRow[],
  rowSecurity: boolean,
  /** Roles with any right on it or on one of its columns. */
  visibleTo: readonly string[],
  /** Roles with a right on all its columns, but for those that have rights of their own. */
  columnsVisibleTo: readonly string[],
  /** Roles that row level security may show a row: it is off, does not hold for them, or a policy lets them read. */
  readers: readonly string[],
  /** Writes that a trigger or a rule does in place of the server. */
  replacedWrites: readonly ('update' | 'delete')[],
  /** The partitioned table that it is a part of. */
  partOf: readonly [schema: string, name: string] | null,
];

type KeyRow = readonly [
  primary: boolean,
  columns: readonly string[],
  name: string,
  /** At most one row of the relation equals a key, at any time. */
  single: boolean,
];

export type ColumnRow = readonly [
  name: string,
  type: number,
  modifier: number,
  nullable: boolean,
  hasDefault: boolean,
  generated: boolean,
  /** null: as the relation says. */
  visibleTo: readonly string[] | null,
];

export type SearchableRow = readonly [
  /** As in `RelationRow`. */
  rowType: number,
  vectorColumns: readonly (readonly [name: string, type: string])[],
  vectorIndexes: readonly VectorIndexRow[],
  indexedColumns: readonly string[],
  policyColumns: readonly (readonly [role: string, columns: readonly string[]])[],
  /** null: never analyzed. */
  rows: number | null,
  /** Tables that hold its rows. */
  parts: number,
  /** Their OIDs; null where they are too many for counting what is read of each. */
  partOids: readonly number[] | null,
  /** Of a table that is partitioned by list: its column. */
  listedBy: string | null,
  coveringIndexes: readonly (readonly [oid: number, columns: readonly string[]])[],
];

export type VectorIndexRow = readonly [
  method: 'hnsw' | 'ivfflat',
  operatorClass: string,
  column: string | null,
  /** Of an index on an expression, as the server writes it. */
  expression: string | null,
  isPartial: boolean,
  /** Of ivfflat; the most of all parts. */
  lists: number | null,
  /** null: of too many parts. */
  oids: readonly number[] | null,
];

export type AttributeRow = readonly [name: string, type: number];

export type TypeRow = readonly [
  oid: number,
  schema: string,
  name: string,
  /** Only for types in `pg_catalog`. */
  sql: string | null,
  typtype: string,
  /** The element of an array, the base of a domain; otherwise 0. */
  inner: number,
  delimiter: string,
  labels: readonly string[] | null,
  /** Of a composite, otherwise 0. */
  relation: number,
  /** Not every role may use its schema. */
  hidden: boolean,
];

/** JSON prints OIDs within arrays as strings. */
export type FunctionRow = readonly [
  schema: string,
  name: string,
  prokind: string,
  volatility: string,
  returnsSet: boolean,
  returns: number,
  defaults: number,
  variadic: boolean,
  inputTypes: readonly string[],
  allTypes: readonly string[] | null,
  modes: readonly string[] | null,
  names: readonly string[] | null,
  visibleTo: readonly string[],
];

/** `role` is null for a setting of the whole database. */
export type TimeoutRow = readonly [role: string | null, thisDatabaseOnly: boolean, setting: string];
