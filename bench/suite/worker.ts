import { runSlice } from '../../src/bench/slice.ts';
import { callOf } from './calls.ts';
import type { SuiteClient } from './contender.ts';
import { suiteContenders } from './contenders/all.ts';
import { proveOwnRowsOnly } from './own-rows.ts';
import type { WorkerAnswer, WorkerOrder } from './worker-crowd.ts';
import { Questions } from './world.ts';

/** One of several processes in which a contender is measured. */
let client: SuiteClient | undefined;
let call: (n: number) => Promise<unknown> = () => Promise.reject(new Error('Nothing is open.'));
let tasks = 1;
let calls = 0;

async function follow(order: WorkerOrder): Promise<WorkerAnswer> {
  if (order.kind === 'open') {
    const { contender, group, target } = order;
    const [opened] = suiteContenders([contender]);
    if (opened === undefined || 'enter' in opened) throw new Error(`${contender} shares no work out.`);
    client = await opened.open(target);
    const questions = new Questions({ rows: group.rows, users: group.users, vectors: 0 }, []);
    await proveOwnRowsOnly(contender, group.case, client, questions);
    call = callOf(group.case, client, questions);
    tasks = group.tasks;
    return { kind: 'ready' };
  }
  if (order.kind === 'close') {
    await client?.close();
    process.disconnect();
    return { kind: 'ready' };
  }
  const { durationMs, runUpMs } = order;
  const slice = await runSlice(call, { tasks, durationMs, runUpMs, firstCall: calls });
  calls += slice.calls;
  return { kind: 'slice', slice };
}

process.on('message', (order) => {
  follow(order as WorkerOrder).then(
    (answer) => {
      if (process.connected) process.send?.(answer);
    },
    (error: unknown) =>
      process.send?.({
        kind: 'failed',
        message: error instanceof Error ? error.message : String(error),
      } satisfies WorkerAnswer),
  );
});
