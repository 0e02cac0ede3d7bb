/**
 * The part of a generated schema that this package reads. Enums and composite types are already
 * written into the columns, so they are not needed.
 */
export interface SchemaShape {
  Tables: object;
  Views: object;
  Functions: object;
}

/**
 * The shape of a `Database` generic: schemas by name, as `supabase gen types typescript` writes
 * them. `__InternalSupabase`, which the generator adds for a linked project, is not a schema.
 */
export type DatabaseShape<DB> = {
  [Name in keyof DB]: Name extends '__InternalSupabase' ? unknown : SchemaShape;
};

/** A row with unknown columns. */
export type UntypedRow = Record<string, unknown>;

/** Any schema with any table and any function. */
interface UntypedSchema {
  Tables: Record<string, { Row: UntypedRow; Insert: UntypedRow; Update: UntypedRow }>;
  Views: Record<never, never>;
  Functions: Record<string, { Args: UntypedRow; Returns: unknown }>;
}

/** The `Database` of a service without a generic. */
export type UntypedDatabase = Record<string, UntypedSchema>;

/** Names of the schemas of a `Database`. */
export type SchemaName<DB> = Exclude<keyof DB, '__InternalSupabase'> & string;

/** `public` if it exists; otherwise any schema of the generic. */
export type DefaultSchema<DB> = 'public' extends SchemaName<DB> ? SchemaName<DB> & 'public' : SchemaName<DB>;
