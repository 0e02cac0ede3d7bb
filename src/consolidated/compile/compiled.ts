import type { Statement, StatementKind } from '../../contract/statement.ts';
import type { Catalog } from '../catalog/model.ts';
import type { DecodeOptions } from '../values/codec.ts';
import type { BindingTrace } from './binding.ts';
import type { PlanCache } from './plan-cache.ts';
import type { ReplyShape, RpcShape } from './reply-shape.ts';

/** What every statement is compiled against. */
export interface CompileContext {
  readonly catalog: Catalog;
  /** Schema of the relations and functions that a call names. */
  readonly schema: string;
  /** The database role of the caller. */
  readonly role: string;
  readonly decode: DecodeOptions;
  /** Rows that one select may return. The statement asks for one more, so that a larger result is noticed. */
  readonly maxRows: number;
  /** The rows come in parts, as those of a stream. */
  readonly inParts?: true;
  readonly plans: PlanCache;
  /** Gets what each statement binds for what. */
  readonly trace?: BindingTrace | undefined;
}

/** A statement ready to be sent. Immutable; may be sent any number of times. */
export interface Compiled {
  readonly statement: Statement;
  /** Statements that belong in the same batch, directly after `statement`: the planner's estimate of a total. */
  readonly further: readonly Statement[];
  readonly answer: ReplyShape;
  readonly kind: StatementKind;
  /** Relations that it reads or writes, as `schema.name`. Empty for functions: what they access is unknown. */
  readonly tables: readonly string[];
  /** The relation or function that the call names, as `schema.name`. */
  readonly target: string;
  /** Settings for its batch. */
  readonly settings: readonly (readonly [name: string, value: string])[] | undefined;
  readonly schema: string;
  /** Of an rpc. */
  readonly rpc?: RpcShape;
}
