/** Where a failure of docs/failures.md is produced, and what the metrics show before and then. */
import { Registry } from 'prom-client';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  createRollout,
  type DatabaseHandle,
  type DatabaseOperations,
  type DatabaseServiceOptions,
  type FlagSource,
  type Rollout,
  type RolloutOptions,
  type ServiceEvent,
  service,
  type UntypedDatabase,
  user,
} from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { type Alter, posingSide } from '../rollout/posing-side.ts';
import type { TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';

export const FAILURE_SQL = `
  create table notes (id int primary key);
  grant all on notes to authenticated, service_role;
  create function nap(ms int) returns int language sql volatile as 'select 1 from pg_sleep(ms / 1000.0)'`;

const ME = user({ sub: '00000000-0000-4000-8000-000000000001' });

type Public = UntypedDatabase['public'];
type ProxiedMode = 'direct' | 'transaction';

export interface OpenedService {
  readonly db: ConsolidatedDatabaseService;
  readonly mine: DatabaseHandle;
  readonly events: readonly ServiceEvent[];
  /** To the users' URL of the mode; `service` is that to the direct one of the service's login. */
  readonly proxies: Readonly<Record<ProxiedMode | 'service', FaultyProxy>>;
  /** New connections are refused, and those that are open are reset. */
  cut(way: ProxiedMode | 'service'): void;
}

export class FailureStage implements AsyncDisposable {
  readonly database: TestDatabase;
  readonly #registry = new Registry();
  readonly #cleanUps: (() => Promise<unknown>)[] = [];
  before = '';
  after: string | undefined;

  constructor(database: TestDatabase) {
    this.database = database;
  }

  /** A service whose modes lead through proxies. */
  async open(
    modes: readonly ProxiedMode[],
    options: Partial<DatabaseServiceOptions> = {},
  ): Promise<OpenedService> {
    const { user: urls, service: serviceUrls } = this.database;
    const proxies = {
      direct: this.#proxy(urls.direct),
      transaction: this.#proxy(urls.transaction),
      service: this.#proxy(serviceUrls.direct),
    };
    const events: ServiceEvent[] = [];
    const given: { direct?: string; transaction?: string } = {};
    for (const mode of modes) given[mode] = throughAddress(urls[mode], await proxies[mode].start());
    const db = createDatabaseService({
      ...given,
      service: { direct: throughAddress(serviceUrls.direct, await proxies.service.start()) },
      metrics: { registry: this.#registry },
      onEvent: (event) => events.push(event),
      onWarning: () => {},
      ...options,
    });
    this.#cleanUps.push(() => db.close({ drainMs: 0 }));
    const cut = (way: ProxiedMode | 'service'): void => {
      proxies[way].refuse();
      proxies[way].resetAll();
    };
    return { db, mine: db.as(ME), events, proxies, cut };
  }

  /** A rollout over two services that are well, save what is done to the calls of the consolidated one; its metrics are those looked at. */
  async openRollout(
    flag: FlagSource,
    {
      alter = (_, ask) => ask(),
      ...options
    }: Partial<RolloutOptions<Public>> & { readonly alter?: Alter } = {},
  ): Promise<{ readonly rollout: Rollout<Public>; readonly mine: DatabaseOperations<Public> }> {
    const { user: urls, service: serviceUrls } = this.database;
    const side = () => {
      const db = createDatabaseService({
        ...{ ...urls, service: serviceUrls, cache: { onlyWatched: true } },
        onWarning: () => {},
      });
      this.#cleanUps.push(() => db.close({ drainMs: 0 }));
      return db;
    };
    const rollout = createRollout<Public>({
      legacy: side(),
      consolidated: posingSide<Public>(side(), alter),
      flag,
      metrics: { registry: this.#registry },
      onWarning: () => {},
      ...options,
    });
    this.#cleanUps.push(() => rollout.close());
    await rollout.ready();
    return { rollout, mine: rollout.as(service()) };
  }

  /** The failure begins. */
  async begins(): Promise<void> {
    this.before = await this.#registry.metrics();
  }

  /** It is there. */
  async seen(): Promise<void> {
    this.after = await this.#registry.metrics();
  }

  /** A login with this attribute beside what all have. @returns the URL of it */
  async login(attribute: string): Promise<string> {
    const name = `failing_${Date.now().toString(36)}`;
    const admin = (sql: string) => withSession(this.database.adminUrl, ({ query }) => query(sql));
    await admin(
      `create role ${name} login noinherit password 'one' in role authenticated, anon ${attribute}`,
    );
    this.#cleanUps.unshift(() => admin(`drop role ${name}`));
    const url = new URL(this.database.user.direct);
    url.username = name;
    url.password = 'one';
    return url.href;
  }

  afterwards(cleanUp: () => Promise<unknown>): void {
    this.#cleanUps.unshift(cleanUp);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const cleanUp of this.#cleanUps.toReversed()) await cleanUp();
  }

  #proxy(url: string): FaultyProxy {
    const proxy = new FaultyProxy({ upstream: readConnectionUrl(url).address });
    this.#cleanUps.push(() => proxy.stop());
    return proxy;
  }
}
