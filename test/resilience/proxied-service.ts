/** A service whose modes lead through proxies of their own, so that a test can cut each of them. */
import {
  type CallEvent,
  createDatabaseService,
  type DatabaseHandle,
  type DatabaseServiceOptions,
  user,
} from '../../src/index.ts';
import type { TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';

type SocketMode = 'direct' | 'session' | 'transaction';

export interface ProxiedService extends AsyncDisposable {
  /** The caller of the tests. */
  readonly mine: DatabaseHandle;
  readonly proxies: Readonly<Record<SocketMode, FaultyProxy>>;
  /** Calls that have ended, in order. */
  readonly events: CallEvent[];
  /** New connections of the mode are refused, and those that are open are reset. */
  cut(mode: SocketMode): void;
}

export async function proxiedService(
  database: TestDatabase,
  modes: readonly SocketMode[],
  options: Partial<DatabaseServiceOptions> = {},
): Promise<ProxiedService> {
  const events: CallEvent[] = [];
  const urls: Partial<Record<SocketMode, string>> = {};
  const proxies: Partial<Record<SocketMode, FaultyProxy>> = {};
  for (const mode of modes) {
    const proxy = new FaultyProxy({ upstream: readConnectionUrl(database.user[mode]).address });
    proxies[mode] = proxy;
    urls[mode] = throughAddress(database.user[mode], await proxy.start());
  }
  const db = createDatabaseService({
    ...urls,
    onCall: (event) => events.push(event),
    onWarning: () => {},
    ...options,
  });
  const all = proxies as Record<SocketMode, FaultyProxy>;
  return {
    mine: db.as(user({ sub: '00000000-0000-4000-8000-000000000001' })),
    proxies: all,
    events,
    cut: (mode) => {
      all[mode].refuse();
      all[mode].resetAll();
    },
    async [Symbol.asyncDispose]() {
      await db.close({ drainMs: 0 });
      await Promise.all(Object.values(proxies).map((proxy) => proxy.stop()));
    },
  };
}

/** How often each code was the outcome; `well` for those without an error. */
export async function outcomesOf(calls: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  for (const ended of await Promise.allSettled(calls)) {
    const code = ended.status === 'fulfilled' ? 'well' : ((ended.reason as { code?: string }).code ?? 'none');
    outcomes[code] = (outcomes[code] ?? 0) + 1;
  }
  return outcomes;
}
