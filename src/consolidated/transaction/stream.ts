import type { Clock } from '../../contract/clock.ts';
import type { PinnedTransaction } from '../../contract/mode.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { Call, Layer } from '../call/call.ts';
import type { Router } from '../call/router.ts';
import { readThroughCursor } from './cursor.ts';
import type { Handover } from './handover.ts';
import { pinned } from './pinned.ts';

/** What a stream's call does: its last stage pours, its generator drinks. */
export interface StreamTask {
  /** Rows to fetch at a time. */
  readonly batchSize: number;
  readonly handover: Handover<readonly unknown[]>;
}

/** Last stage of stream(): answers when the stream has ended, because it was read or because it was left. */
export function streaming(router: Router, clock: Clock): Layer<StreamTask> {
  // The role's own statement timeout would run on while the consumer rests; the call's deadline bounds it.
  const begin = { access: 'read', isolation: 'read committed', statementTimeoutMs: 0 } as const;
  return async (call) => {
    const rows = await pinned(call, router, begin, (transaction) => pour(transaction, call, clock));
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

/** The rows of a stream's call, which begins when the first of them is asked for. */
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
      yield* rows;
      // As for the replies: what holds on to the array must not hold on to its rows.
      (rows as unknown[]).length = 0;
    }
  } finally {
    handover.stop();
    await ended;
  }
}
