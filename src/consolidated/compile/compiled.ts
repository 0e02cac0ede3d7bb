import type { Statement, StatementKind } from '../../contract/statement.ts';
import type { Catalog } from '../catalog/model.ts';
import type { DecodeOptions } from '../values/codec.ts';
import type { RowDecoder } from '../values/row-decoder.ts';
import type { PlanCache } from './plan-cache.ts';

/** What every statement is compiled against. */
export interface CompileContext {
  readonly catalog: Catalog;
  /** Schema of the relations and functions that a call names. */
  readonly schema: string;
  readonly decode: DecodeOptions;
  /** Rows that one select may return. One more is asked for, so that a result beyond it is noticed. */
  readonly maxRows: number;
  readonly plans: PlanCache;
}

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
export type Answer =
  | {
      readonly kind: 'rows' | 'counted';
      readonly decoder: RowDecoder;
      /** Columns of a row, those of ours aside. */
      readonly width: number;
      readonly total?: PlannerTotal;
    }
  | { readonly kind: 'count' | 'none' | 'plan'; readonly total?: PlannerTotal };

/** The total comes from further statements of the batch: an exact count up to a bound, then EXPLAIN; or EXPLAIN alone. */
export type PlannerTotal = 'planned' | 'estimated';

/** What the function of an rpc answers with, made of the rows of its reply. */
export type RpcShape = 'value' | 'values' | 'row' | 'rows' | 'void';

/** A statement ready to be sent. Immutable; may be sent any number of times. */
export interface Compiled {
  readonly statement: Statement;
  /** Statements that belong in the same batch, right behind `statement`: what the planner thinks of a total. */
  readonly further: readonly Statement[];
  readonly answer: Answer;
  readonly kind: StatementKind;
  /** Relations that it reads or writes, as `schema.name`. Empty for functions: nobody knows what they touch. */
  readonly tables: readonly string[];
  /** Settings for its batch. */
  readonly settings?: readonly (readonly [name: string, value: string])[];
  readonly schema: string;
  /** Of an rpc. */
  readonly rpc?: RpcShape;
}
