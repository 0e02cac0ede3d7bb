import type { JSONWebKeySet } from 'jose';
import type { Registry } from 'prom-client';
import type { CallEvent, SlowCall } from '../../contract/call-event.ts';
import type { Clock } from '../../contract/clock.ts';
import type { Identity } from '../../contract/identity.ts';
import type { ConnectionMode, ModeName } from '../../contract/mode.ts';
import type { PasswordSource } from '../../contract/password.ts';
import type { ServiceEvent } from '../../contract/service-event.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { EmbeddedDatabase } from '../../modes/index.ts';
import type { CacheServiceOptions } from './cache-service-options.ts';

/** URLs of one login. With one URL of Supabase's pooler, the URL of the other pooler mode is derived. */
export interface LoginUrls {
  /** A direct connection to Postgres; `'derive'` gets the host from the project ref of a pooler URL. */
  readonly direct?: string | undefined;
  /** A pooler in session mode. */
  readonly session?: string | undefined;
  /** A pooler in transaction mode. */
  readonly transaction?: string | undefined;
  /**
   * Asked for the password whenever a connection is opened, for passwords that are rotated; the URLs then have none. If the
   * server refuses the password, it is asked once more with `refused: true`. It has `connectTimeoutMs` to answer.
   *
   * @defaultValue none: the passwords are in the URLs
   */
  readonly password?: PasswordSource | undefined;
}

export interface PoolOptions {
  /** Maximum number of connections. @defaultValue direct 10, session 3, transaction 32 */
  readonly max?: number | undefined;
  /** Maximum number of callers that wait for a connection; further ones are refused. @defaultValue 1000 */
  readonly maxWaiting?: number | undefined;
  /** @defaultValue direct and transaction 30_000, session 5_000 */
  readonly idleTimeoutMs?: number | undefined;
  /** @defaultValue 1_800_000 */
  readonly maxLifetimeMs?: number | undefined;
}

/** When a call that failed for a fault of the way is sent again; never where a write could be applied twice. */
export interface RetryOptions {
  /** Attempts of one call, the first one included. @defaultValue 3 */
  readonly attempts?: number | undefined;
  /** Retries of the whole service, for each call: 0.2 is one for five calls. @defaultValue 0.2 */
  readonly budget?: number | undefined;
}

/** When no call is sent over a way to the database, a mode of a login, because it has failed. */
export interface BreakerOptions {
  /** Share of the latest 100 calls that must have failed, above 0 and below 1. @defaultValue 0.5 */
  readonly failureRate?: number | undefined;
  /** Fewer calls than these do not open it; if so many in a row get no connection, it opens too. @defaultValue 10 */
  readonly minCalls?: number | undefined;
  /** From its opening to the first probe, and from each one that fails to the next. @defaultValue 500 */
  readonly pauseMs?: number | undefined;
}

/** Give at least one URL, or `embedded`. */
export interface DatabaseServiceOptions extends LoginUrls {
  /**
   * The login that `service()` uses. Without it the service role shares the users' login, with a warning,
   * because raw SQL that runs as a user could then switch to it; refused with `production`.
   */
  readonly service?: LoginUrls | undefined;
  /** PGlite in this process instead of a server, in a thread of its own. */
  readonly embedded?: boolean | EmbeddedOptions | undefined;
  /**
   * Refuses logins that are superuser, bypass row level security or may become the service role, and URLs to other machines
   * without TLS that is verified, which else give a warning.
   *
   * @defaultValue false
   */
  readonly production?: boolean | undefined;
  /** PEM text of the authority that signed the server's certificate. */
  readonly tls?: { readonly ca?: string | undefined } | undefined;
  readonly jwt?: JwtOptions | undefined;
  /** Roles that claims may name besides `anon` and `authenticated`. @defaultValue [] */
  readonly roles?: readonly string[] | undefined;
  /** The identity of calls without one. @defaultValue none: such a call throws `IDENTITY_REQUIRED` */
  readonly defaultIdentity?: Identity | undefined;
  /** Schemas that `schema()` reaches; the first is the default. @defaultValue ['public'] */
  readonly schemas?: readonly string[] | undefined;
  /** Schemas of unqualified names in functions and SQL; `pg_temp` is added last. @defaultValue ['public', 'extensions'] */
  readonly searchPath?: readonly string[] | undefined;
  /** Time for one call, from its start to its answer, including waiting. @defaultValue 10_000 */
  readonly timeoutMs?: number | undefined;
  /** @defaultValue 5_000 */
  readonly connectTimeoutMs?: number | undefined;
  /** Rows that one statement may return; stream() has no limit. @defaultValue 100_000 */
  readonly maxRows?: number | undefined;
  /** Maximum size of one answer in bytes. @defaultValue 67_108_864 (64 MiB) */
  readonly maxBytes?: number | undefined;
  /** What int8 and numeric become if a JavaScript number cannot hold their digits. @defaultValue 'throw' */
  readonly largeNumbers?: 'throw' | 'string' | undefined;
  readonly pools?: { readonly [mode in Exclude<ModeName, 'embedded'>]?: PoolOptions | undefined } | undefined;
  /**
   * How long the result of a write with an `idempotencyKey` is kept, in milliseconds: a repeat after that is another write. At
   * most 366 days.
   *
   * @defaultValue { ttlMs: 86_400_000 } (24 hours)
   */
  readonly idempotency?: { readonly ttlMs?: number | undefined } | undefined;
  /** What reads with the option `cache` find and leave behind. */
  readonly cache?: CacheServiceOptions | undefined;
  /** Named statements kept per connection. @defaultValue 256 */
  readonly maxPrepared?: number | undefined;
  /**
   * How statements go through a pooler in transaction mode. `'named'` prepares them, which saves the server parsing
   * and planning. It is for PgBouncer since 1.21 with `max_prepared_statements` above 0. Where names are not followed, calls
   * fail with a `ConfigurationError` of code `NAMES_NOT_FOLLOWED`.
   *
   * @defaultValue 'unnamed'
   */
  readonly pooledStatements?: 'unnamed' | 'named' | undefined;
  /** Modes for kinds of statements, instead of the default ones. */
  readonly modes?: { readonly [kind in StatementKind]?: readonly ModeName[] | undefined } | undefined;
  /** `false` sends nothing again. @defaultValue 3 attempts, within a budget of 0.2 retries for each call */
  readonly retry?: RetryOptions | false | undefined;
  /** `false` sends every call, whatever became of those before. @defaultValue open when half of the latest calls failed */
  readonly breaker?: BreakerOptions | false | undefined;
  /** Refuses calls at once whose answer is expected after their deadline, because others wait before them. @defaultValue true */
  readonly bulkhead?: boolean | undefined;
  /** Sends calls over another mode while the pooler of their own has failed. Needs the breaker. @defaultValue true */
  readonly fallback?: boolean | undefined;
  /** Shown in pg_stat_activity. @defaultValue 'consolidated-db' */
  readonly applicationName?: string | undefined;
  /** Metrics for Prometheus, and those of `getQueryMetrics`. @defaultValue false */
  readonly metrics?: boolean | MetricsOptions | undefined;
  /** Called when a call has ended. Must not throw. */
  readonly onCall?: ((event: CallEvent) => void) | undefined;
  /** Called with what happens between calls: connections, retries, breakers, changes of the mode. Must not throw. */
  readonly onEvent?: ((event: ServiceEvent) => void) | undefined;
  /**
   * Adds to each statement a comment with the application, the `label` of the call and, where statements are not prepared, the
   * trace of `openTelemetry`, in the form of sqlcommenter.
   *
   * @defaultValue false
   */
  readonly sqlComments?: boolean | undefined;
  /** Spans and metrics by `@opentelemetry/api`, which must be installed. @defaultValue false */
  readonly openTelemetry?: boolean | undefined;
  /** From how many milliseconds on a call is slow. @defaultValue 1000 */
  readonly slowMs?: number | undefined;
  /** Called with each slow call and its SQL, without its values. Must not throw. */
  readonly onSlow?: ((call: SlowCall) => void) | undefined;
  /**
   * For development: a line for each call, with its SQL and without its values. True writes to stderr. Refused with
   * `production`.
   *
   * @defaultValue false
   */
  readonly log?: boolean | ((line: string) => void) | undefined;
  /** Called with warnings about a risky configuration. @defaultValue process.emitWarning */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** @internal */
  readonly clock?: Clock | undefined;
  /** Comes between the service and each of its modes, when it is made. @internal */
  readonly wrapMode?: ((mode: ConnectionMode) => ConnectionMode) | undefined;
  /** Numbers from 0 to below 1, for random delays and lifetimes. @internal */
  readonly random?: (() => number) | undefined;
}

/** Metrics of this service. Several services may share a registry. */
export interface MetricsOptions {
  /** Where they are registered: one of prom-client's. @defaultValue a new one, which `metrics()` prints */
  readonly registry?: Registry | undefined;
  /** What all names begin with. @defaultValue 'cdb_' */
  readonly prefix?: string | undefined;
  /** Upper bounds of the histograms, in seconds. @defaultValue 14 of them, from 0.0005 to 10 */
  readonly buckets?: readonly number[] | undefined;
  /** The label `service` of this one. @defaultValue the option `applicationName` */
  readonly service?: string | undefined;
  /** Sets of labels of calls. Further tables are counted as `other`. @defaultValue 500 */
  readonly maxLabelSets?: number | undefined;
  /** Calls that `getQueryMetrics` looks at, the latest ones. @defaultValue 10_000 */
  readonly recentCalls?: number | undefined;
}

/** The part of PGlite that is needed. */
export interface PGliteLike extends EmbeddedDatabase {
  close(): Promise<void>;
  listen(channel: string, callback: (payload: string) => void): Promise<() => Promise<void>>;
}

export interface EmbeddedOptions {
  /**
   * Your own PGlite, with the extensions that it was made with; closing the service leaves it open. It runs in the thread that made it, and
   * blocks that thread while it computes: a deadline is noticed only before and after a statement.
   */
  readonly pglite?: PGliteLike | undefined;
  /** Folder that keeps the data. @defaultValue in memory */
  readonly dataDir?: string | undefined;
  /** SQL that runs once when the database opens, such as your migrations. Runs as the owner. */
  readonly sql?: string | readonly string[] | undefined;
}

/** Where keys come from that verify tokens. Each key has one algorithm, and no token can choose another one for it. */
export interface KeySourceOptions {
  /** Shared secret of the project, of at least 32 bytes. */
  readonly secret?: string | undefined;
  /**
   * Where the project publishes its keys: `https://<ref>.supabase.co/auth/v1/.well-known/jwks.json`. They are fetched on
   * first use and kept. With `production` it must be https, except on this machine.
   */
  readonly jwksUrl?: string | undefined;
  /** The keys themselves, each of which must be usable; those of the type `oct` are shared secrets of at least 32 bytes. */
  readonly jwks?: JSONWebKeySet | undefined;
  /**
   * Algorithms that its keys may have; one alone for `secret`.
   *
   * @defaultValue `['HS256']` with `secret`, `['ES256', 'RS256', 'EdDSA']` with `jwksUrl`, these and `'HS256'` with `jwks`
   */
  readonly algorithms?: readonly string[] | undefined;
}

/**
 * How tokens are verified: by the keys of `secret`, `jwksUrl` and `jwks` together, and of further `sources`.
 *
 * @example
 * ```ts
 * // While a project moves from its shared secret to keys of its own:
 * const jwt = { secret: process.env.CDB_JWT_SECRET, jwksUrl: process.env.CDB_JWKS_URL };
 * ```
 */
export interface JwtOptions extends KeySourceOptions {
  /** Further sources, each with exactly one of `secret`, `jwksUrl` and `jwks`. @defaultValue [] */
  readonly sources?: readonly KeySourceOptions[] | undefined;
  /** Checked when given: `https://<ref>.supabase.co/auth/v1`. */
  readonly issuer?: string | undefined;
  /** @defaultValue 'authenticated' */
  readonly audience?: string | undefined;
  /** Seconds by which a token may be used before its `nbf`, because clocks differ. Never after its `exp`. @defaultValue 5 */
  readonly clockToleranceSeconds?: number | undefined;
}
