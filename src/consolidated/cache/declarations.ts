/**
 * What a function reads and writes, whose body the catalog does not tell, with all that the functions read and write that it
 * calls. Tables and views as `schema.name`; what their own policies, foreign keys and triggers add is known. Of a trigger
 * function only `writes` counts; the row at hand is none of them.
 *
 * It says that the function depends on nothing else, such as the time.
 */
interface DeclaredFunction {
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

/** By `schema.name` of the function, all overloads together. */
export type Declarations = ReadonlyMap<string, DeclaredFunction>;

/** What somebody has to add to the options, so that a function is known. */
export function declarationHint(fn: string): string {
  return `Declare what it reads, in the option cache.functions: { '${fn}': { reads: ['schema.table', …] } }.`;
}
