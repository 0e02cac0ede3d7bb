/**
 * One connection that may do what the owner of the tables may: a superuser's, or the owner's. `AdminConnection` of this
 * package, a `RollbackDatabase` and a wrapped client of any driver are that.
 *
 * Never a pool: what is set up by one call must be there for the next.
 *
 * @example
 * ```ts
 * const admin = { query: async (text, values = []) => (await client.query(text, [...values])).rows };
 * ```
 */
export interface AdminQueries {
  /** Runs one statement and resolves to its rows. Values are bound. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}
