import type { Call } from '../call/call.ts';
import type { ListenTask } from '../notifications/listening.ts';
import type { ExplainTask } from '../transaction/explain.ts';
import type { TransactionTask } from '../transaction/run-transaction.ts';
import type { StreamTask } from '../transaction/stream.ts';

/** Sends a call through its pipeline; rejects with whatever it throws. */
export type Send<Task = undefined> = (call: Call<Task>) => Promise<unknown>;

/** The pipelines of a call. They differ in their last stage. */
export interface Ways {
  /** One batch, on a connection of the pool. */
  readonly run: Send;
  /** Statements in an open transaction. */
  readonly runInside: Send;
  readonly stream: Send<StreamTask>;
  readonly explain: Send<ExplainTask>;
  /** Sends nothing: tells what the cache makes of a statement. */
  readonly explainCache: Send;
  readonly transaction: Send<TransactionTask>;
  readonly listen: Send<ListenTask>;
}
