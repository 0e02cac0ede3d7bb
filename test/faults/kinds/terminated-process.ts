/** The process that gets SIGTERM: works until then, closes its service, and tells what its callers did. */
import type { ModeUrls } from '../../../stack/stack-state.ts';
import { LoopWatch } from '../../support/journal/loop-watch.ts';
import { Front } from '../front.ts';
import { type EndedOperation, Load } from '../load.ts';

export interface TerminatedTask {
  readonly user: ModeUrls;
  readonly service: ModeUrls;
  readonly numbers: { readonly first: number; readonly seeded: number };
  readonly seed: number;
  /** What ends first: the callers, or the service while they go on. */
  readonly order: 'callers first' | 'service first';
}

export interface TerminatedReport {
  readonly ended: readonly EndedOperation[];
  /** Operations that had begun when it came. */
  readonly underWay: number;
}

process.once('message', (task: TerminatedTask) => void work(task));

async function work({
  user,
  service,
  numbers: { first, seeded },
  seed,
  order,
}: TerminatedTask): Promise<void> {
  let next = first;
  const take = () => ({ op: next, isSeeded: next++ < seeded });
  const front = await Front.open({ user, service, numbers: { take } });
  const loop = new LoopWatch();
  const load = new Load(front, loop, seed);
  process.once('SIGTERM', async () => {
    const { underWay } = load;
    if (order === 'callers first') await load.stop();
    await front.service.close();
    await load.stop();
    await front.close();
    loop.stop();
    const report: TerminatedReport = { ended: load.ended, underWay };
    process.send?.(report, () => process.disconnect());
  });
  load.start();
  process.send?.('working');
}
