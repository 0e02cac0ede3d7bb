/** Kills a server beneath what is under way, and starts it again, for as long as some work goes on. */
import type { Restart } from './faults.ts';
import type { Lane } from './lane.ts';
import type { OutcomeServers } from './servers.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function restartBeneath(
  restart: Restart,
  servers: OutcomeServers,
  lanes: readonly Lane[],
  work: (whenUp: () => Promise<void>) => Promise<void>,
): Promise<void> {
  let over = false;
  let up: Promise<void> = Promise.resolve();
  const working = work(() => up).finally(() => {
    over = true;
  });
  const met = lanes.filter(
    ({ mode }) => mode !== 'embedded' && (restart.startsWith('Postgres') || mode !== 'direct'),
  );
  const killing = (async () => {
    let turn = 0;
    while (!over) {
      // Most of them have to be at work, but for those whose part of the slice is done.
      await untilMost(met, () => over);
      if (over) break;
      await pause((turn++ * 37) % 140);
      // Whose operation has failed begins the next one when the server is there again.
      up = servers.restart(restart, () => {
        for (const lane of met) lane.meet();
      });
      await up;
    }
  })();
  try {
    await working;
  } finally {
    await killing;
  }
}

async function untilMost(lanes: readonly Lane[], isOver: () => boolean): Promise<void> {
  const givenUpAt = performance.now() + 500;
  while (!isOver() && performance.now() < givenUpAt) {
    const busy = lanes.filter(({ isBusy }) => isBusy).length;
    if (busy * 4 >= lanes.length * 3) return;
    await pause(5);
  }
}
