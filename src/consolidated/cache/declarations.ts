/**
 * What a function reads and writes, whose body the catalog does not tell. Tables and views as `schema.name`; what their own
 * policies, foreign keys and triggers add is known.
 */
export interface DeclaredFunction {
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

/** By `schema.name` of the function, all overloads together. */
export type Declarations = ReadonlyMap<string, DeclaredFunction>;

/** What somebody has to add to the options, so that a function is known. */
export function declarationHint(fn: string): string {
  return `Declare what it reads, in the option cache.functions: { '${fn}': { reads: ['schema.table', …] } }.`;
}
