import type { StatementKind } from '../../contract/statement.ts';

declare const resultOf: unique symbol;

/**
 * A statement that was described but not sent. `batch` sends several at once, `explain` asks for its plan.
 *
 * It has no identity: it runs as the identity of the handle that sends it.
 *
 * @example
 * ```ts
 * const [trip, count] = await db.batch([
 *   db.build.insert('trips', { title: 'Lisbon', user_id: userId }),
 *   db.build.count('trips'),
 * ]);
 * ```
 */
export interface BuiltStatement<Result> {
  /** Of an rpc `rpc.write`: whether its function only reads is known when it is sent. */
  readonly kind: StatementKind;
  /** Does not exist at run time: it only has the type of the result. */
  readonly [resultOf]?: { readonly result: Result };
}

/** The results of a batch, in the order of its statements. */
export type BatchResults<Statements extends readonly BuiltStatement<unknown>[]> = {
  -readonly [Index in keyof Statements]: Statements[Index] extends BuiltStatement<infer Result>
    ? Result
    : never;
};
