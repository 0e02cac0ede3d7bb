import type { TypeInfo } from '../values/type-info.ts';
import type { RelationGraph } from './relation-graph.ts';
import type { VectorIndex } from './vector-index.ts';

/**
 * The relations, functions and types of the database. Identifiers and value types
 * are resolved only with this.
 */
export interface Catalog {
  /** Grows with every reload; part of the key of everything that was compiled. */
  readonly epoch: number;
  /** Columns of the relation in their order in the database. */
  relation(schema: string, name: string): Relation | undefined;
  /** All relations of a schema. */
  relations(schema: string): readonly Relation[];
  /** All overloads of a function. */
  functions(schema: string, name: string): readonly CatalogFunction[];
  /** All functions of a schema, with all overloads. */
  allFunctions(schema: string): readonly CatalogFunction[];
  type(oid: number): TypeInfo | undefined;
  /** True for a role that policies do not apply to: BYPASSRLS, or a superuser. */
  bypassesRowSecurity(role: string): boolean;
  /** `statement_timeout` of the role (`alter role … set`), in milliseconds. */
  roleTimeoutMs(role: string): number | undefined;
  /** Schema of an extension's objects, such as `extensions` for `vector`; undefined when not installed. */
  extensionSchema(name: string): string | undefined;
  /** What relations of all schemas read, and what a write to one does to others. */
  readonly graph: RelationGraph;
}

export type RelationKind = 'table' | 'partitioned table' | 'view' | 'materialized view' | 'foreign table';

/** Roles of the service that have a right on something. To other roles no message names it. */
interface Visible {
  readonly visibleTo: ReadonlySet<string>;
}

export interface Relation extends Visible {
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  /**
   * Callers may see fewer rows than there are: row level security is on. What a view hides is not known, so that
   * every view is taken to hide rows.
   */
  readonly mayHideRows: boolean;
  /** Roles of the service that may read some row: without a policy for reading, row level security shows a role none. */
  readonly readers: ReadonlySet<string>;
  /** Writes that an INSTEAD OF trigger, or a rule, does in place of the server; of a view also those that it does not take. */
  readonly replacedWrites: readonly ('update' | 'delete')[];
  /** The partitioned table that it is a part of. Whoever may see that may be told of its parts. */
  readonly partOf: { readonly schema: string; readonly name: string } | undefined;
  readonly columns: ReadonlyMap<string, Column>;
  /** Empty when there is none. */
  readonly primaryKey: readonly string[];
  /** Column lists of unique constraints and unique (non-partial, non-expression) indexes, the primary key included. */
  readonly uniqueKeys: readonly (readonly string[])[];
  /**
   * Those of them that at most one row equals at any time: not where the constraint is deferrable, the index compares by
   * another collation than the column, or other tables inherit from this one.
   */
  readonly singleRowKeys: readonly (readonly string[])[];
  /** All of them by the name of the constraint or index, which is what a violation names. */
  readonly uniqueKeysByName: ReadonlyMap<string, readonly string[]>;
  /** What a vector search may go by; undefined for a relation without a vector or halfvec column, and for views. */
  readonly searchable: Searchable | undefined;
}

/** What a search by vectors may go by: how it can find its rows, and how many there are. */
export interface Searchable {
  /** Valid ones. Of a partitioned table, or one that others inherit from, those that each part has. */
  readonly vectorIndexes: readonly VectorIndex[];
  /**
   * Columns that lead a valid, non-partial btree or hash index: rows that equal one of their values are found without
   * reading the others.
   */
  readonly indexedColumns: ReadonlySet<string>;
  /**
   * Columns that the policies for reading name, by the role of the service that they apply to. What a role sees that is
   * not in it depends on no column.
   */
  readonly policyColumnsByRole: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * By the statistics of the server, with those of the partitions and of the tables that inherit, as far as they were
   * analyzed; undefined where none was.
   */
  readonly rows: number | undefined;
  /** How many tables hold its rows: more than one if it has partitions, or others inherit from it. */
  readonly parts: number;
  /** OIDs of these tables; empty where they are too many for counting what is read of each. */
  readonly partOids: readonly number[];
  /** The column by whose values it is partitioned, where each part has listed ones. */
  readonly listedBy: string | undefined;
  /** Of a relation without parts: those that hold a vector column beside others. */
  readonly coveringIndexes: readonly CoveringIndex[];
}

/** A valid, non-partial btree index of plain columns, from which rows can be read without the table. */
interface CoveringIndex {
  readonly oid: number;
  /** The leading one first, those of INCLUDE last. */
  readonly columns: readonly string[];
}

export interface Column extends Visible {
  readonly name: string;
  readonly type: TypeInfo;
  /** `atttypmod`; for pgvector the number of dimensions. -1 when none. */
  readonly modifier: number;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
  /** `generated always as (…) stored|virtual`, or `generated always as identity`: it cannot be written. */
  readonly generated: boolean;
}

export interface CatalogFunction extends Visible {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'function' | 'procedure' | 'aggregate' | 'window';
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly arguments: readonly FunctionArgument[];
  readonly returnsSet: boolean;
  readonly returns: TypeInfo;
  /** Names and types of OUT, INOUT and TABLE columns; empty when there are none. */
  readonly outputs: readonly { readonly name: string; readonly type: TypeInfo }[];
}

export interface FunctionArgument {
  /** Empty when the function does not name it. */
  readonly name: string;
  readonly type: TypeInfo;
  readonly hasDefault: boolean;
  readonly variadic: boolean;
}
