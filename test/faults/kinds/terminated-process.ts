/** The process that gets SIGTERM: works until then, closes its service, and tells what its callers did. */
import { shutdown } from '../../../src/index.ts';
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
  /** Operations that were under way when it came. */
  readonly underWay: number;
  /** Those of them that got no answer. */
  readonly unanswered: readonly EndedOperation[];
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
  let underWay = 0;
  let terminatedAt = 0;
  const terminated = (): void => {
    ({ underWay } = load);
    terminatedAt = performance.now();
  };
  const report = async (): Promise<void> => {
    await load.stop();
    const { ended } = load;
    const unanswered = ended.filter(
      ({ beganAt, endedAt, told }) =>
        beganAt < terminatedAt && endedAt > terminatedAt && told !== 'fulfilled' && told !== 'own error',
    );
    const told: TerminatedReport = { ended, underWay, unanswered };
    await new Promise((resolve) => process.send?.(told, resolve));
  };
  if (order === 'callers first') {
    shutdown(front.service, {
      before: () => {
        terminated();
        return report();
      },
    });
  } else {
    process.once('SIGTERM', async () => {
      terminated();
      await front.service.close();
      await report();
      await front.close();
      loop.stop();
      process.disconnect();
    });
  }
  load.start();
  process.send?.('working');
}
