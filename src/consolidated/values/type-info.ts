/** A type of the database, as values are encoded and decoded by it. */
export interface TypeInfo {
  readonly oid: number;
  readonly schema: string;
  /** `typname`, such as `int8`, `_int8`, `vector`. */
  readonly name: string;
  /** As SQL text to cast to, quoted and schema-qualified where needed: `bigint`, `"public"."mood"`, `"extensions"."vector"`. */
  readonly sql: string;
  readonly kind: 'base' | 'array' | 'enum' | 'domain' | 'composite' | 'range' | 'multirange' | 'pseudo';
  /** The element of an array, or the base type of a domain. */
  readonly inner?: TypeInfo;
  /** For a composite: OID of it in `pg_class`, by which Postgres notes what depends on it. */
  readonly relation?: number;
  /** For a composite. */
  readonly attributes?: readonly { readonly name: string; readonly type: TypeInfo }[];
  /** For an enum. */
  readonly labels?: readonly string[];
  /** `typdelim`, for arrays of it. */
  readonly delimiter: string;
  /** Not every role of the service may use its schema, so that no statement may name it. */
  readonly hidden?: true;
}
