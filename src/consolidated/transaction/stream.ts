import type { Clock } from '../../contract/clock.ts';
import { aborted } from '../../contract/failures.ts';
import type { PinnedTransaction } from '../../contract/mode.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { Call, Layer } from '../call/call.ts';
import { addCallerFrames } from '../call/caller-frames.ts';
import type { Router } from '../call/router.ts';
import { readThroughCursor } from './cursor.ts';
import type { Handover } from './handover.ts';
import { pinned } from './pinned.ts';
import { type ServiceCatalogs, TransactionCatalogs } from './transaction-catalogs.ts';

/** The task of a stream's call: its last stage produces rows, its generator consumes them. */
export interface StreamTask {
  /** Rows to fetch at a time. */
  readonly batchSize: number;
  readonly handover: Handover<readonly unknown[]>;
}

/** Last stage of stream(): settles when the stream has ended, completely read or not. */
export function streaming(router: Router, clock: Clock, catalogs: ServiceCatalogs): Layer<StreamTask> {
  // The role's own statement timeout would continue while the consumer pauses; the call's deadline limits it.
  const begin = { access: 'read', isolation: 'read committed', statementTimeoutMs: 0 } as const;
  return async (call) => {
    const rows = await pinned(call, router, begin, (transaction) => {
      if (call.place.inside === undefined) {
        call.held = { transaction, catalogs: new TransactionCatalogs(catalogs, transaction) };
      }
      return pour(transaction, call, clock);
    });
    return { value: undefined, rows };
  };
}

async function pour(transaction: PinnedTransaction, call: Call<StreamTask>, clock: Clock): Promise<number> {
  const { limits, task } = call;
  const { handover, batchSize } = task;
  let poured = 0;
  for await (const rows of readThroughCursor(transaction, call, batchSize, clock)) {
    const { length } = rows;
    const offered = handover.offer(rows);
    const taken = await withinLimits(offered, limits, clock, 'while the stream waited for its consumer');
    if (!taken) break;
    poured += length;
  }
  return poured;
}

/** The rows of a stream's call, which starts when the first row is requested. After an abort no row follows, fetched or not. */
export async function* drink(
  call: Call<StreamTask>,
  send: (call: Call<StreamTask>) => Promise<unknown>,
): AsyncGenerator<unknown, void> {
  const { handover } = call.task;
  const ended = send(call).then(
    () => handover.end(),
    (error: unknown) => handover.end(error),
  );
  try {
    for (let rows = await handover.take(); rows !== undefined; rows = await handover.take()) {
      const { signal } = call.limits;
      for (const row of rows) {
        if (signal?.aborted === true) throw aborted(signal, 'while the stream was read');
        yield row;
      }
      // As for the replies: whatever keeps the array must not keep its rows.
      (rows as unknown[]).length = 0;
    }
  } catch (error) {
    addCallerFrames(error);
    throw error;
  } finally {
    handover.stop();
    await ended;
  }
}
