import type { RowDecoder } from '../values/row-decoder.ts';
import type { DescribedColumns } from './described-columns.ts';

/**
 * How a reply is read; see `readAnswer`.
 *
 * - `rows`: plain rows.
 * - `counted`: every row starts with two columns of ours, a count and whether the row is real. If there are no
 *   rows, there is one that is not real.
 * - `count`: one row of one bigint.
 * - `none`: no rows; the command tag or the document's count gives the number of affected rows.
 * - `plan`: one row with the JSON of EXPLAIN.
 */
export type ReplyShape =
  | {
      readonly kind: 'rows' | 'counted';
      readonly decoder: RowDecoder;
      /** Columns of a row, without our own. */
      readonly width: number;
      /** What a typed reply has to say of its columns for the decoder to be right. */
      readonly described?: DescribedColumns;
      readonly total?: PlannerTotal;
      /** By a unique key, without limit and order: several rows prove that there is no such key any more. */
      readonly oneRow?: true;
    }
  | { readonly kind: 'count' | 'none' | 'plan'; readonly total?: PlannerTotal };

/** The total comes from further statements of the batch: an exact count up to a bound, then EXPLAIN; or EXPLAIN alone. */
export type PlannerTotal = 'planned' | 'estimated';

/** The form of an rpc's result, made from the rows of its reply. */
export type RpcShape = 'value' | 'values' | 'row' | 'rows' | 'void';
