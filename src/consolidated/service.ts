import { unexpired } from '../contract/expiry.ts';
import { serviceClosed } from '../contract/failures.ts';
import type { UserIdentity } from '../contract/identity.ts';
import { ChangeListener } from './cache/change-listener.ts';
import { changeSource } from './cache/change-source.ts';
import { ServiceCache } from './cache/service-cache.ts';
import { ServicePlace } from './call/service-place.ts';
import { CatalogSource } from './catalog/catalog-source.ts';
import { PlanCache } from './compile/plan-cache.ts';
import { Connections } from './connections/connections.ts';
import { Handle } from './facade/handle.ts';
import { RawStatements } from './facade/raw-statements.ts';
import { CallerScope } from './facade/scope.ts';
import { statementsBySchema } from './facade/statements-by-schema.ts';
import { Actors, anonymous, service } from './identity/actors.ts';
import { AmbientCaller, AmbientIdentity } from './identity/caller.ts';
import { checkedToken, tokenVerifier } from './identity/token-verifier.ts';
import { listenersOf } from './monitoring/listeners.ts';
import { ServiceMonitoring } from './monitoring/service-monitoring.ts';
import { Listener } from './notifications/listener.ts';
import { parseOptions } from './options/parse-options.ts';
import type { DatabaseServiceOptions } from './options/service-options.ts';
import { checkProtection } from './options/url-protection.ts';
import { composePipeline } from './pipeline.ts';
import { catalogMode } from './resilience/catalog-mode.ts';
import { createResilience } from './resilience/resilience.ts';
import { OpenTransactions } from './transaction/open-transactions.ts';
import type { CloseOptions, ConsolidatedDatabaseService } from './typed/database-service.ts';
import type { LargeNumbersAsText } from './typed/large-numbers.ts';
import type { Monitoring } from './typed/monitoring.ts';
import type { DatabaseShape, DefaultSchema, UntypedDatabase } from './typed/schema-names.ts';
import { LearnedSearches } from './vectors/learned-searches.ts';

const DEFAULT_DRAIN_MS = 5_000;

/**
 * Creates the service: one per process and database. It opens no connection before the first call, so it also
 * starts while the database is down.
 *
 * With `largeNumbers: 'string'` written in the call, its rows have `number | string` for bigint and numeric columns; see
 * `LargeNumbersAsText`.
 *
 * @throws ConfigurationError for an invalid option, and if there is neither a URL nor `embedded`
 *
 * @example
 * ```ts
 * const db = createDatabaseService<Database>({
 *   transaction: process.env.CDB_TRANSACTION_URL,
 *   session: process.env.CDB_SESSION_URL,
 *   jwt: { jwksUrl: 'https://ref.supabase.co/auth/v1/.well-known/jwks.json' },
 * });
 * const trips = await db.withToken(token).select('trips', { limit: 20 });
 * ```
 */
export function createDatabaseService<DB extends DatabaseShape<DB> = UntypedDatabase>(
  options: DatabaseServiceOptions & { readonly largeNumbers: 'string' },
): ConsolidatedDatabaseService<LargeNumbersAsText<DB>>;
export function createDatabaseService<DB extends DatabaseShape<DB> = UntypedDatabase>(
  options: DatabaseServiceOptions,
): ConsolidatedDatabaseService<DB>;
export function createDatabaseService<DB extends DatabaseShape<DB> = UntypedDatabase>(
  options: DatabaseServiceOptions,
): ConsolidatedDatabaseService<DB> {
  const config = parseOptions(options);
  const { clock, schemas, maxRows } = config;
  const { tellCall, tell, kept, openTelemetry, comments } = listenersOf(config);
  const connections = new Connections(config, tell);
  const actors = new Actors(config.roles);
  const resilience = createResilience(config, connections, actors, tell);
  const catalogs = new CatalogSource({
    schemas,
    roles: actors.roles,
    clock,
    modeFor: (actor) => catalogMode(connections, resilience, actor),
  });
  const listener = new Listener({
    target: (mode) => connections.listenTarget(mode),
    refusedLogins: connections.refusedLogins,
    tell,
    ...config,
  });
  const place = new ServicePlace(config, connections, catalogs);
  const ambient = new AmbientIdentity();
  const open = new OpenTransactions();
  const verifyToken = tokenVerifier(config.jwt, clock);
  checkProtection(config);
  const refresh = async (): Promise<void> => {
    // It reads no rows, so the identity does not matter.
    await catalogs.reload(actors.of(anonymous()), await place.admit({}));
  };
  const cache: ServiceCache = new ServiceCache(config, {
    refresh,
    hearing: () => hearing,
    catalog: () => catalogs.current,
    tell,
  });
  const hearing = config.cache.listen
    ? new ChangeListener({
        source: changeSource({ connections, actor: actors.of(service()), ...config }),
        sink: cache,
        refreshCatalog: () => cache.keepNothingDuring(refresh()),
        tell,
        ...config,
      })
    : undefined;
  const monitoring = new ServiceMonitoring({
    connections,
    actors,
    breakers: resilience,
    clock,
    kept,
    openTelemetry,
    cache,
    listener,
  });
  const parts = {
    config,
    ways: composePipeline({
      ...{ config, connections, catalogs, listener, open, tellCall, comments },
      ...resilience,
      recall: (next) => cache.recall.layer(next),
      early: (next) => cache.recall.early(next),
      touching: cache.touching,
      cacheRules: cache.rules,
    }),
    place,
    actors,
    ambient,
    open,
    verifyToken,
  };

  const decode = { largeNumbers: config.largeNumbers };
  const settings = {
    ...{ schemas, maxRows, decode },
    plans: new PlanCache(),
    searches: new LearnedSearches(clock, tell),
  };
  const tools = {
    statements: statementsBySchema({ ...settings, limits: 'taken' }),
    built: statementsBySchema({ ...settings, limits: 'refused' }),
    raw: new RawStatements(decode, maxRows),
  };
  const caller = new AmbientCaller(ambient, config.defaultIdentity, actors, clock);
  const handle = new Handle<DB, DefaultSchema<DB>>(
    new CallerScope(parts, caller),
    tools,
    schemas[0] as string,
  );

  let closing: Promise<void> | undefined;
  const close = ({ drainMs = DEFAULT_DRAIN_MS }: CloseOptions = {}): Promise<void> => {
    place.close();
    resilience.end();
    closing ??= Promise.all([connections.close(drainMs), listener.close(), hearing?.close()])
      .then(() => cache.close())
      .then(() => monitoring.close());
    return closing;
  };
  const refreshCatalog = async (): Promise<void> => {
    if (closing !== undefined) throw serviceClosed();
    await refresh();
  };
  const verify = async (token: string): Promise<UserIdentity> => {
    const identity = await verifyToken(checkedToken('verify', token));
    // As its calls are refused, so is the identity itself: by its role, its size and its expiry.
    unexpired(actors.of(identity), clock);
    return identity;
  };
  const told: Omit<Monitoring, 'cache'> = {
    metrics: () => monitoring.metrics(),
    healthCheck: (of) => monitoring.healthCheck(of),
    getConnectionStats: () => monitoring.getConnectionStats(),
    getQueryMetrics: (operation, of) => monitoring.getQueryMetrics(operation, of),
    getRecentFailures: () => monitoring.getRecentFailures(),
  };
  return Object.assign(handle, told, {
    cache: {
      invalidate: (of: Parameters<ServiceCache['invalidate']>[0]) => cache.invalidate(of),
      flush: () => cache.flush(),
      stats: () => cache.stats(),
    },
    verify,
    close,
    refreshCatalog,
    [Symbol.asyncDispose]: () => close(),
  });
}
