/** Each failure of docs/failures.md, produced on purpose. */
import { expect, vi } from 'vitest';
import { ConnectionError, service } from '../../src/index.ts';
import { MemoryFlag } from '../rollout/memory-flag.ts';
import { EndlessServer } from '../support/network/endless-server.ts';
import type { FailureStage } from './failure-stage.ts';

interface FailureCase {
  /** Of the row. */
  readonly alert: string;
  /** Says when the failure begins; the metrics are looked at when it returns, or when it says that it is seen. */
  readonly produce: (stage: FailureStage) => Promise<unknown>;
}

const ONE = { pools: { direct: { max: 1 } } } as const;
const WITHIN = { timeout: 20_000 };

function times(count: number, call: () => Promise<unknown>): Promise<unknown> {
  return Promise.allSettled(Array.from({ length: count }, call));
}

async function unreachable(stage: FailureStage): Promise<void> {
  const { mine, cut } = await stage.open(['direct'], { retry: false });
  cut('direct');
  await stage.begins();
  await times(3, () => mine.select('notes'));
}

export const FAILURE_CASES: readonly FailureCase[] = [
  {
    alert: 'CdbPoolNearlyExhausted',
    async produce(stage) {
      const { mine } = await stage.open(['direct'], ONE);
      await mine.select('notes');
      await stage.begins();
      await mine.transaction(async (tx) => {
        await tx.select('notes');
        await stage.seen();
      });
    },
  },
  {
    alert: 'CdbCallsWaiting',
    async produce(stage) {
      const { mine } = await stage.open(['direct'], ONE);
      await mine.rpc('nap', { ms: 1 });
      await stage.begins();
      await times(5, () => mine.rpc('nap', { ms: 100 }));
    },
  },
  {
    alert: 'CdbCallsRefused',
    async produce(stage) {
      const { mine } = await stage.open(['direct'], { pools: { direct: { max: 1, maxWaiting: 1 } } });
      await mine.rpc('nap', { ms: 1 });
      await stage.begins();
      await times(5, () => mine.rpc('nap', { ms: 10 }));
    },
  },
  {
    alert: 'CdbServerOutOfConnections',
    async produce(stage) {
      const direct = await stage.login('connection limit 0');
      const { mine } = await stage.open([], { direct, retry: false });
      await stage.begins();
      await times(3, () => mine.select('notes'));
    },
  },
  {
    alert: 'CdbCallsShed',
    async produce(stage) {
      const { mine } = await stage.open(['direct'], ONE);
      // From then on the pool knows how fast it serves those who wait.
      await times(20, () => mine.rpc('nap', { ms: 10 }));
      await stage.begins();
      await times(100, () => mine.rpc('nap', { ms: 10 }, { timeoutMs: 100 }));
    },
  },
  {
    alert: 'CdbSlowCalls',
    async produce(stage) {
      const { mine } = await stage.open(['direct']);
      await stage.begins();
      await times(3, () => mine.rpc('nap', { ms: 150 }));
    },
  },
  {
    alert: 'CdbTimeouts',
    async produce(stage) {
      const { mine } = await stage.open(['direct']);
      await mine.rpc('nap', { ms: 1 });
      await stage.begins();
      await times(3, () => mine.rpc('nap', { ms: 5_000 }, { timeoutMs: 50 }));
    },
  },
  { alert: 'CdbUnreachable', produce: unreachable },
  {
    alert: 'CdbLoginRefused',
    async produce(stage) {
      const direct = new URL(stage.database.user.direct);
      direct.password = 'wrong';
      const { mine } = await stage.open([], { direct: direct.href });
      await stage.begins();
      await times(1, () => mine.select('notes'));
    },
  },
  {
    alert: 'CdbConnectionsLost',
    async produce(stage) {
      const { mine, proxies, events } = await stage.open(['direct']);
      // The alert is for more than three a minute.
      const connections = 5;
      let begun = 0;
      const allBegun = Promise.withResolvers<void>();
      await times(connections, () =>
        mine.transaction(async (tx) => {
          await tx.select('notes');
          begun += 1;
          if (begun === connections) allBegun.resolve();
          await allBegun.promise;
        }),
      );
      await stage.begins();
      proxies.direct.resetAll();
      const lost = () => events.filter((event) => event.type === 'connection' && event.change === 'ended');
      await vi.waitFor(() => expect(lost()).toHaveLength(connections), WITHIN);
    },
  },
  {
    alert: 'CdbBreakerOpen',
    async produce(stage) {
      const { mine, cut } = await stage.open(['direct'], { retry: false, breaker: { pauseMs: 60_000 } });
      await mine.select('notes');
      await stage.begins();
      cut('direct');
      await vi.waitFor(
        () => expect(mine.select('notes')).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' }),
        WITHIN,
      );
    },
  },
  {
    alert: 'CdbModeLeft',
    async produce(stage) {
      const { mine, cut } = await stage.open(['direct', 'transaction'], { retry: false });
      await mine.sql`select 1`;
      await mine.count('notes');
      await stage.begins();
      cut('transaction');
      await vi.waitFor(() => mine.count('notes'), WITHIN);
    },
  },
  {
    alert: 'CdbRetriesRefused',
    async produce(stage) {
      const { mine, cut } = await stage.open(['direct'], { breaker: false, retry: { budget: 0 } });
      await mine.select('notes');
      await stage.begins();
      cut('direct');
      await times(12, () => mine.select('notes'));
    },
  },
  { alert: 'CdbErrorRatio', produce: unreachable },
  {
    alert: 'CdbUnknownOutcomes',
    async produce(stage) {
      const { mine, proxies } = await stage.open(['direct']);
      await mine.rpc('nap', { ms: 1 });
      await stage.begins();
      const call = expect(mine.rpc('nap', { ms: 20_000 }, { timeoutMs: 60_000 })).rejects.toMatchObject({
        outcome: 'unknown',
      });
      await vi.waitFor(() => expect(proxies.direct.busyConnections).toBe(1), WITHIN);
      proxies.direct.resetAll();
      await call;
    },
  },
  {
    alert: 'CdbReplyMismatch',
    async produce(stage) {
      const server = new EndlessServer({ batch: 'negative-length' });
      const { port } = await server.start();
      stage.afterwards(() => server.stop());
      const { mine } = await stage.open([], { direct: `postgres://user:word@127.0.0.1:${port}/database` });
      await stage.begins();
      await times(1, () => mine.select('notes'));
    },
  },
  {
    alert: 'CdbNotListening',
    async produce(stage) {
      const { db, cut, events } = await stage.open(['direct']);
      await db.as(service()).listen('trips', () => {});
      await stage.begins();
      cut('service');
      const away = () => events.filter((event) => event.type === 'listener' && event.change === 'away');
      await vi.waitFor(() => expect(away()).toHaveLength(1), WITHIN);
    },
  },
  {
    alert: 'CdbCacheNotListening',
    async produce(stage) {
      const { mine, cut, events } = await stage.open(['direct'], { cache: { listen: true } });
      const told = (change: string) =>
        events.filter((event) => event.type === 'cacheListener' && event.change === change);
      await mine.count('notes', { cache: true });
      await vi.waitFor(() => expect(told('listening')).toHaveLength(1), WITHIN);
      await stage.begins();
      cut('service');
      await vi.waitFor(() => expect(told('away')).toHaveLength(1), WITHIN);
    },
  },
  {
    alert: 'CdbRolloutSentBack',
    async produce(stage) {
      const { mine, rollout } = await stage.openRollout(new MemoryFlag({ percentage: 100 }), {
        guard: { minCalls: 20 },
        alter: () => Promise.reject(new ConnectionError('away')),
      });
      await stage.begins();
      await times(20, () => mine.count('notes'));
      await vi.waitFor(() => expect(rollout.status().trip).toMatchObject({ reason: 'errors' }), WITHIN);
    },
  },
  {
    alert: 'CdbRolloutDifferences',
    async produce(stage) {
      const { mine, rollout } = await stage.openRollout(new MemoryFlag({ shadow: 100 }), {
        shadow: { timeoutMs: 20_000 },
        alter: async (_, ask) => Number(await ask()) + 1,
      });
      await stage.begins();
      await mine.count('notes');
      await vi.waitFor(() => expect(rollout.status().shadow).toMatchObject({ different: 1 }), WITHIN);
    },
  },
  {
    alert: 'CdbRolloutFlagUnreadable',
    async produce(stage) {
      let isAway = false;
      const read = async () => {
        if (isAway) throw new Error('away');
        return { flag: { percentage: 50 }, trip: undefined };
      };
      const { rollout } = await stage.openRollout({ read });
      await stage.begins();
      isAway = true;
      await vi.waitFor(() => expect(rollout.status().source).toBe('unreadable'), WITHIN);
    },
  },
  {
    alert: 'CdbWrongCalls',
    async produce(stage) {
      const { mine } = await stage.open(['direct']);
      await stage.begins();
      await times(3, () => mine.select('no_such_table'));
    },
  },
];
