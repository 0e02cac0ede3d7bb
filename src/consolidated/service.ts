import { serviceClosed } from '../contract/failures.ts';
import { CatalogSource } from './catalog/catalog-source.ts';
import { PlanCache } from './compile/plan-cache.ts';
import { Connections } from './connections/connections.ts';
import { Handle } from './facade/handle.ts';
import { RawStatements } from './facade/raw-statements.ts';
import { CallerScope } from './facade/scope.ts';
import { Statements } from './facade/statement-methods.ts';
import { AmbientCaller, AmbientIdentity } from './identity/caller.ts';
import { Actors, anonymous } from './identity/identity.ts';
import { tokenVerifier } from './identity/token-verifier.ts';
import { Listener } from './notifications/listener.ts';
import { type DatabaseServiceOptions, parseOptions } from './options/options.ts';
import { Pipeline } from './pipeline.ts';
import type { ConsolidatedDatabaseService } from './typed/database-service.ts';
import type { DatabaseShape, UntypedDatabase } from './typed/schema-names.ts';

const DEFAULT_DRAIN_MS = 5_000;

/**
 * Makes the service: one per process and database. It opens no connection before the first call, so it also
 * starts while the database is down.
 *
 * @throws ValidationError for an option that is not valid, and when there is neither a URL nor `embedded`
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
  options: DatabaseServiceOptions,
): ConsolidatedDatabaseService<DB> {
  const config = parseOptions(options);
  const connections = new Connections(config);
  const decode = { largeNumbers: config.largeNumbers };
  const catalogs = new CatalogSource({
    schemas: config.schemas,
    clock: config.clock,
    modeFor: async (actor) => {
      const mode = connections.choose('select', actor, {
        asked: undefined,
        valueBytes: 0,
        needsTypedRows: false,
      });
      await connections.check(mode, actor);
      return mode;
    },
  });
  const pipeline = new Pipeline(config, connections, catalogs);
  const actors = new Actors(config.roles);
  const ambient = new AmbientIdentity();
  const listener = new Listener(() => connections.listenTarget(), config.clock, config.onWarning);
  const caller = new AmbientCaller(ambient, config.defaultIdentity, actors, config.clock);
  const parts = { pipeline, actors, ambient, listener, verifyToken: tokenVerifier(config.jwt, config.clock) };

  const plans = new PlanCache();
  const bySchema = new Map<string, Statements>();
  const statements = (schema: string): Statements => {
    let made = bySchema.get(schema);
    if (made === undefined) {
      made = new Statements({ schema, schemas: config.schemas, maxRows: config.maxRows, decode, plans });
      bySchema.set(schema, made);
    }
    return made;
  };
  const tools = { statements, raw: new RawStatements(decode, config.maxRows) };
  const handle = new Handle(new CallerScope(parts, caller), tools, config.schemas[0] as string);

  let closing: Promise<void> | undefined;
  const close = ({ drainMs = DEFAULT_DRAIN_MS }: { readonly drainMs?: number } = {}): Promise<void> => {
    closing ??= Promise.all([pipeline.close(drainMs), listener.close()]).then(() => undefined);
    return closing;
  };
  const refreshCatalog = async (): Promise<void> => {
    if (closing !== undefined) throw serviceClosed();
    const limits = await pipeline.start({});
    // Nobody's rows are read: who asks plays no part.
    await pipeline.refreshCatalog(actors.of(anonymous()), limits);
  };
  const service = Object.assign(handle, { close, refreshCatalog, [Symbol.asyncDispose]: () => close() });
  return service as unknown as ConsolidatedDatabaseService<DB>;
}
