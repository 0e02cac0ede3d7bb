/** The process that gets SIGTERM: works until then, closes its service while callers go on, and tells what they did. */
import type { ModeUrls } from '../../../stack/stack-state.ts';
import { LoopWatch } from '../../support/journal/loop-watch.ts';
import { Front } from '../front.ts';
import { type EndedOperation, Load } from '../load.ts';

export interface TerminatedTask {
  readonly user: ModeUrls;
  readonly service: ModeUrls;
  readonly numbers: { readonly first: number; readonly seeded: number };
  readonly seed: number;
}

export interface TerminatedReport {
  readonly ended: readonly EndedOperation[];
  /** Of `performance.now()` of this process. */
  readonly terminatedAt: number;
  /** Operations that had begun by then. */
  readonly underWay: number;
}

process.once('message', (task: TerminatedTask) => void work(task));

async function work({ user, service, numbers: { first, seeded }, seed }: TerminatedTask): Promise<void> {
  let next = first;
  const take = () => ({ op: next, isSeeded: next++ < seeded });
  const front = await Front.open({ user, service, numbers: { take } });
  const loop = new LoopWatch();
  const load = new Load(front, loop, seed);
  process.once('SIGTERM', async () => {
    const terminatedAt = performance.now();
    const { underWay } = load;
    const closed = front.service.close();
    // Callers do not know of it yet.
    await closed;
    await load.stop();
    await front.close();
    loop.stop();
    const report: TerminatedReport = { ended: load.ended, terminatedAt, underWay };
    process.send?.(report, () => process.disconnect());
  });
  load.start();
  process.send?.('working');
}
