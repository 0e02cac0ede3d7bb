/**
 * How two answers differ, by shape. Names and numbers, never values.
 *
 * - `rows`: `missing` rows only the legacy service gave, `extra` ones only the consolidated one; `columns` are those whose values differ.
 * - `order`: the same rows in another order, where one was asked for.
 * - `count`: another number of rows that match.
 * - `value`: another value of a function, or none on one side.
 * - `error`: the classes of the errors, or `answer`.
 */
export type AnswerDifference =
  | {
      readonly kind: 'rows';
      readonly missing: number;
      readonly extra: number;
      readonly columns: readonly string[];
    }
  | { readonly kind: 'order' | 'count' | 'value' }
  | { readonly kind: 'error'; readonly legacy: string; readonly consolidated: string };
