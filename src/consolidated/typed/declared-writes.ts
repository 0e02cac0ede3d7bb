/** Of raw SQL and of functions that may write. */
export interface DeclaredWrites {
  /**
   * The tables that it changes, as `name` or `schema.name`, for the cache: only what depends on them is read anew. `[]` for none.
   *
   * @defaultValue those that the service's option `cache.functions` names, otherwise all
   */
  readonly writes?: readonly string[] | undefined;
}
