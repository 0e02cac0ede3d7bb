import type { RowDecoder } from '../values/row-decoder.ts';
import type { DescribedColumns } from './described-columns.ts';

/**
 * How a reply is read; see `readAnswer`.
 *
 * - `rows`: plain rows.
 * - `counted`: every row starts with two columns of ours, a count and whether there is a row at all. One row
 *   without one comes when the count is all there is to say.
 * - `count`: one row of one bigint.
 * - `none`: no rows; the command tag or the document's count says how many were touched.
 * - `plan`: one row holding the JSON of EXPLAIN.
 */
export type ReplyShape =
  | {
      readonly kind: 'rows' | 'counted';
      readonly decoder: RowDecoder;
      /** Columns of a row, those of ours aside. */
      readonly width: number;
      /** What a typed reply has to say of its columns for the decoder to be right. */
      readonly described?: DescribedColumns;
      readonly total?: PlannerTotal;
    }
  | { readonly kind: 'count' | 'none' | 'plan'; readonly total?: PlannerTotal };

/** The total comes from further statements of the batch: an exact count up to a bound, then EXPLAIN; or EXPLAIN alone. */
export type PlannerTotal = 'planned' | 'estimated';

/** What the function of an rpc answers with, made of the rows of its reply. */
export type RpcShape = 'value' | 'values' | 'row' | 'rows' | 'void';
