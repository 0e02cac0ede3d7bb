/** A service before the servers, with a proxy in each of its ways. */
import { type Clock, systemClock } from '../../src/contract/clock.ts';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseServiceOptions,
  user,
} from '../../src/index.ts';
import type { ModeUrls } from '../../stack/stack-state.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { CuttingProxy } from '../support/network/cutting-proxy.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';
import type { Address } from '../support/network/loopback-server.ts';
import type { FaultServers } from './fault-servers.ts';
import { type SeededNumbers, subjectOf } from './seeded-numbers.ts';

export type WayName = keyof ModeUrls;
export const WAYS: readonly WayName[] = ['direct', 'session', 'transaction'];

export interface FrontOptions {
  /**
   * What stands in each way.
   *
   * @defaultValue 'faulty'
   */
  readonly through?: 'faulty' | 'cutting';
  readonly tls?: boolean;
  /** What ways lead to instead of the servers. */
  readonly upstreams?: Partial<Readonly<Record<WayName, Address>>>;
  /** @defaultValue true: the catalog is read and each way was used */
  readonly warm?: boolean;
  readonly options?: Omit<DatabaseServiceOptions, WayName | 'service'>;
}

type Proxies<Proxy> = Readonly<Record<WayName, Proxy>>;

/** What the servers behind a front are known by. */
export type FrontServers = Pick<FaultServers, 'user' | 'service'> & {
  readonly numbers: Pick<SeededNumbers, 'take'>;
};

export class Front<Servers extends FrontServers = FaultServers> {
  readonly servers: Servers;
  readonly service: ConsolidatedDatabaseService;
  readonly #faulty: Proxies<FaultyProxy> | undefined;
  readonly #cutting: Proxies<CuttingProxy> | undefined;

  private constructor(
    servers: Servers,
    service: ConsolidatedDatabaseService,
    proxies: Proxies<FaultyProxy> | Proxies<CuttingProxy>,
    through: 'faulty' | 'cutting',
  ) {
    this.servers = servers;
    this.service = service;
    if (through === 'faulty') this.#faulty = proxies as Proxies<FaultyProxy>;
    else this.#cutting = proxies as Proxies<CuttingProxy>;
  }

  static async open<Servers extends FrontServers>(
    servers: Servers,
    given: FrontOptions = {},
  ): Promise<Front<Servers>> {
    const { through = 'faulty', tls = false, warm = true, upstreams, options } = given;
    const make = (upstream: Address) =>
      through === 'faulty' ? new FaultyProxy({ upstream }) : new CuttingProxy(upstream);
    const opened = await Promise.all(
      WAYS.map(async (way) => {
        const proxy = make(upstreams?.[way] ?? readConnectionUrl(servers.user[way]).address);
        return { way, proxy, address: await proxy.start() };
      }),
    );
    const urls = (from: ModeUrls) =>
      Object.fromEntries(
        opened.map(({ way, address }) => [
          way,
          `${throughAddress(from[way], address)}${tls ? '?sslmode=no-verify' : ''}`,
        ]),
      );
    const service = createDatabaseService({
      ...urls(servers.user),
      service: urls(servers.service),
      pools: { direct: { max: 8 }, session: { max: 6 }, transaction: { max: 12 } },
      applicationName: 'faults',
      connectTimeoutMs: 1_000,
      onWarning: () => {},
      ...options,
    });
    const proxies = Object.fromEntries(opened.map(({ way, proxy }) => [way, proxy]));
    const front = new Front(
      servers,
      service,
      proxies as Proxies<FaultyProxy> | Proxies<CuttingProxy>,
      through,
    );
    if (warm) await front.#warmUp();
    return front;
  }

  /** Where faulty proxies stand in the ways. */
  get proxies(): readonly FaultyProxy[] {
    return WAYS.map((way) => this.proxyOf(way));
  }

  proxyOf(way: WayName): FaultyProxy {
    if (this.#faulty === undefined) throw new Error('This front has cutting proxies.');
    return this.#faulty[way];
  }

  get cuttingProxies(): readonly CuttingProxy[] {
    if (this.#cutting === undefined) throw new Error('This front has faulty proxies.');
    return Object.values(this.#cutting);
  }

  /** Batches whose reply is not complete. */
  busy(ways: readonly WayName[] = WAYS): number {
    return ways.reduce((sum, way) => sum + this.proxyOf(way).busyConnections, 0);
  }

  /** Batches that were sent so far. */
  sent(ways: readonly WayName[] = WAYS): number {
    return ways.reduce((sum, way) => sum + this.proxyOf(way).counts.syncs, 0);
  }

  async close(): Promise<void> {
    await this.service.close({ drainMs: 0 });
    await Promise.all(
      [...Object.values(this.#faulty ?? {}), ...Object.values(this.#cutting ?? {})].map((proxy) =>
        proxy.stop(),
      ),
    );
  }

  async #warmUp(): Promise<void> {
    const db = this.service.as(user({ sub: subjectOf(0) }));
    for (const mode of WAYS) await db.select('journal', { limit: 1, mode });
  }
}

/** A clock whose time of day is moved as one likes. */
export class MovedClock implements Clock {
  movedMs = 0;
  readonly now = systemClock.now;
  readonly schedule = systemClock.schedule;
  readonly expireAt = systemClock.expireAt;

  wallNow(): number {
    return systemClock.wallNow() + this.movedMs;
  }
}
