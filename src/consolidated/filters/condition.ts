/** What a condition says, for the compiler. */
type ConditionNode =
  | { readonly kind: 'or' | 'and'; readonly parts: readonly unknown[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'path'; readonly path: unknown; readonly filter: unknown };

/**
 * A condition that is not about one column: `op.or(…)`, `op.and(…)`, `op.not(op.or(…))` or
 * `path(…).where(…)`. It stands in the list form of `filters`.
 *
 * The brand is a private field, so that nothing parsed from JSON can ever be one.
 *
 * @typeParam F the shape of the filter objects that it holds
 *
 * @example
 * ```ts
 * filters: [{ status: 'booked' }, op.or({ budget: op.gt(100) }, { tags: op.contains(['free']) })];
 * ```
 */
export class Condition<out F = unknown> {
  readonly #node: ConditionNode;
  declare protected readonly columns: F;

  constructor(node: ConditionNode) {
    this.#node = node;
  }

  /** The node of a genuine condition; undefined for all else, look-alikes included. */
  static read(value: unknown): ConditionNode | undefined {
    return typeof value === 'object' && value !== null && #node in value ? value.#node : undefined;
  }
}
