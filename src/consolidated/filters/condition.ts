/** The content of a condition, for the compiler. */
type ConditionNode =
  | { readonly kind: 'or' | 'and'; readonly parts: readonly unknown[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'path'; readonly path: unknown; readonly filter: unknown };

/**
 * A condition that is not about one column: `op.or(…)`, `op.and(…)`, `op.not(op.or(…))` or
 * `path(…).where(…)`. Used in the list form of `filters`.
 *
 * The brand is a private field, so that no parsed JSON can be a condition.
 *
 * @typeParam F the shape of the filter objects that it contains
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

  /** The node of a real condition; undefined for everything else, including similar objects. */
  static read(value: unknown): ConditionNode | undefined {
    return typeof value === 'object' && value !== null && #node in value ? value.#node : undefined;
  }
}
