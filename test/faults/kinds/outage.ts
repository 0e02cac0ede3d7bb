/** Nothing is answered at all: the service must not make it worse, and must be back as soon as the server is. */
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultyProxy } from '../../support/network/faulty-proxy.ts';
import { beneathLoad } from '../beneath-load.ts';
import type { Fault } from '../fault.ts';

const WINDOW_MS = 2_500;
/** What retries may add to what the callers ask for. */
const MOST_LOAD = 1.2;

type Counted = 'connections' | 'syncs';

interface Outage {
  readonly name: string;
  /** What reaches the server: logins that it does not answer, or batches. */
  readonly counted: Counted;
  readonly begin: (proxy: FaultyProxy, isOver: () => boolean) => void;
}

function outage({ name, counted, begin }: Outage): Fault {
  let asked = 0;
  let reached = 0;
  return {
    name,
    play: async (stage) => {
      asked = 0;
      reached = 0;
      await beneathLoad({
        load: { callers: 64, timeoutMs: [400, 1_200] },
        strike: async ({ front, load, notes }) => {
          const sum = () => front.proxies.reduce((all, { counts }) => all + counts[counted], 0);
          const before = { ended: load.ended.length, reached: sum() };
          let isOver = false;
          for (const proxy of front.proxies) begin(proxy, () => isOver);
          await pause(WINDOW_MS);
          isOver = true;
          const calls = load.ended.length - before.ended + load.underWay;
          notes.struck += calls;
          asked += calls;
          reached += sum() - before.reached;
          for (const proxy of front.proxies) proxy.heal();
        },
      })(stage);
      const ratio = reached / asked;
      stage.notes.figures.push(
        `${asked} calls, ${reached} ${counted} at the server: ${ratio.toFixed(2)} times`,
      );
      stage.notes.expect(
        ratio <= MOST_LOAD,
        `${ratio.toFixed(2)} times the callers' own load reached the server`,
      );
    },
  };
}

export const OUTAGES: readonly Fault[] = [
  outage({
    name: 'total outage: connections reset',
    counted: 'connections',
    begin: (proxy) => {
      proxy.hangUp();
      proxy.resetAll();
    },
  }),
  outage({
    name: 'total outage: batches reset',
    counted: 'syncs',
    begin: (proxy, isOver) => void resetEachBatch(proxy, isOver),
  }),
];

async function resetEachBatch(proxy: FaultyProxy, isOver: () => boolean): Promise<void> {
  while (!isOver()) await proxy.once({ at: 'before-sync' });
}
