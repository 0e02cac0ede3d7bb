import * as z from 'zod';
import type { CallEvent } from '../../contract/call-event.ts';
import { type Clock, systemClock } from '../../contract/clock.ts';
import { ValidationError } from '../../contract/errors.ts';
import type { Identity } from '../../contract/identity.ts';
import { MODE_NAMES, type ModeName } from '../../contract/mode.ts';
import type { StatementKind } from '../../contract/statement.ts';
import { DEFAULT_MODE_TABLE, type ModeTable } from '../../modes/index.ts';
import type { EmbeddedOptions } from '../connections/lazy-embedded-database.ts';
import type { JwtOptions } from '../identity/token-verifier.ts';

/** URLs of one login. From one URL of Supabase's pooler the other pooler mode follows. */
export interface LoginUrls {
  /** Straight to Postgres; `'derive'` takes the host from the project ref of a pooler URL. */
  readonly direct?: string | undefined;
  /** A pooler in session mode. */
  readonly session?: string | undefined;
  /** A pooler in transaction mode. */
  readonly transaction?: string | undefined;
}

export interface PoolOptions {
  /** Connections at most. @defaultValue direct 10, session 3, transaction 32 */
  readonly max?: number | undefined;
  /** Callers that may wait for a connection before further ones are refused. @defaultValue 1000 */
  readonly maxWaiting?: number | undefined;
  /** @defaultValue direct and transaction 30_000, session 5_000 */
  readonly idleTimeoutMs?: number | undefined;
  /** @defaultValue 1_800_000 */
  readonly maxLifetimeMs?: number | undefined;
}

/** Give at least one URL, or `embedded`. */
export interface DatabaseServiceOptions extends LoginUrls {
  /**
   * The login that `service()` uses. Without it the service role shares the users' login, with a warning,
   * because SQL of the application's own, run as a user, could then climb to it; refused with `production`.
   */
  readonly service?: LoginUrls | undefined;
  /** PGlite in this process instead of a server. */
  readonly embedded?: boolean | EmbeddedOptions | undefined;
  /** Refuses logins that are superuser, bypass row level security or may become the service role. @defaultValue false */
  readonly production?: boolean | undefined;
  /** PEM text of the authority that signed the server's certificate. */
  readonly tls?: { readonly ca?: string | undefined } | undefined;
  readonly jwt?: JwtOptions | undefined;
  /** Roles that claims may name besides `anon` and `authenticated`. @defaultValue [] */
  readonly roles?: readonly string[] | undefined;
  /** Who calls act as when they do not say. @defaultValue none: such a call throws `IDENTITY_REQUIRED` */
  readonly defaultIdentity?: Identity | undefined;
  /** Schemas that `schema()` reaches; the first is the default. @defaultValue ['public'] */
  readonly schemas?: readonly string[] | undefined;
  /** Where unqualified names of functions and SQL are found; `pg_temp` is put last. @defaultValue ['public', 'extensions'] */
  readonly searchPath?: readonly string[] | undefined;
  /** Time for one call, from its start to its answer, waiting included. @defaultValue 10_000 */
  readonly timeoutMs?: number | undefined;
  /** @defaultValue 5_000 */
  readonly connectTimeoutMs?: number | undefined;
  /** Rows that one statement may return; stream() has no limit. @defaultValue 100_000 */
  readonly maxRows?: number | undefined;
  /** Bytes that one answer may have. @defaultValue 67_108_864 (64 MiB) */
  readonly maxBytes?: number | undefined;
  /** What int8 and numeric become where a number does not hold their digits. @defaultValue 'throw' */
  readonly largeNumbers?: 'throw' | 'string' | undefined;
  readonly pools?: { readonly [mode in Exclude<ModeName, 'embedded'>]?: PoolOptions | undefined } | undefined;
  /** Named statements kept per connection. @defaultValue 256 */
  readonly maxPrepared?: number | undefined;
  /**
   * How statements go through a pooler in transaction mode. `'named'` prepares them, which spares the server parsing
   * and planning, and is only for a pooler that takes names along from server to server: PgBouncer since 1.21 with
   * `max_prepared_statements` above 0, or Supavisor with named statements switched on. Elsewhere calls fail, or run a
   * statement that another client prepared under that name.
   *
   * @defaultValue 'unnamed'
   */
  readonly pooledStatements?: 'unnamed' | 'named' | undefined;
  /** Kinds of statements that take other modes than the default. */
  readonly modes?: { readonly [kind in StatementKind]?: readonly ModeName[] | undefined } | undefined;
  /** Seen in pg_stat_activity. @defaultValue 'consolidated-db' */
  readonly applicationName?: string | undefined;
  /** Told of every call when it ends. Must not throw. */
  readonly onCall?: ((event: CallEvent) => void) | undefined;
  /** Told of what is risky in the configuration. @defaultValue process.emitWarning */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** @internal */
  readonly clock?: Clock | undefined;
}

const url = z.string().min(1).optional();
const urls = { direct: url, session: url, transaction: url };
const positive = z.int().positive();
const poolOptions = z.strictObject({
  max: positive.max(10_000).optional(),
  maxWaiting: z.int().min(0).optional(),
  idleTimeoutMs: positive.optional(),
  maxLifetimeMs: positive.optional(),
});
const names = z.array(z.string().min(1).max(63));
const anyFunction = z.custom<(...args: never[]) => unknown>(
  (value) => typeof value === 'function',
  'must be a function',
);
const anyObject = z.custom<object>(
  (value) => typeof value === 'object' && value !== null,
  'must be an object',
);
const kinds = Object.keys(DEFAULT_MODE_TABLE) as [StatementKind, ...StatementKind[]];

const schema = z.strictObject({
  ...urls,
  service: z.strictObject(urls).optional(),
  embedded: z
    .union([
      z.boolean(),
      z.strictObject({
        pglite: anyObject.optional(),
        dataDir: z.string().min(1).optional(),
        sql: z.union([z.string(), z.array(z.string())]).optional(),
      }),
    ])
    .optional(),
  production: z.boolean().default(false),
  tls: z
    .strictObject({ ca: z.string().includes('BEGIN CERTIFICATE', 'must be PEM text').optional() })
    .optional(),
  jwt: z
    .strictObject({
      secret: z.string().min(1).optional(),
      jwksUrl: z.url().optional(),
      jwks: anyObject.optional(),
      algorithms: z.array(z.string().min(1)).min(1).optional(),
      issuer: z.string().min(1).optional(),
      audience: z.string().min(1).optional(),
      clockToleranceSeconds: z.number().min(0).optional(),
    })
    .optional(),
  roles: z
    .array(
      z
        .string()
        .min(1)
        .max(63)
        .refine((role) => role !== 'service_role', "must not name 'service_role': service() alone takes it"),
    )
    .default([]),
  defaultIdentity: anyObject.optional(),
  schemas: names.min(1).default(['public']),
  searchPath: names.default(['public', 'extensions']),
  timeoutMs: positive.max(2_147_483_647).default(10_000),
  connectTimeoutMs: positive.default(5_000),
  maxRows: positive.default(100_000),
  maxBytes: positive.default(64 * 1024 * 1024),
  largeNumbers: z.enum(['throw', 'string']).default('throw'),
  pools: z
    .strictObject({
      direct: poolOptions.optional(),
      session: poolOptions.optional(),
      transaction: poolOptions.optional(),
    })
    .default({}),
  maxPrepared: positive.default(256),
  pooledStatements: z.enum(['unnamed', 'named']).default('unnamed'),
  modes: z.partialRecord(z.enum(kinds), z.array(z.enum(MODE_NAMES)).min(1)).default({}),
  applicationName: z.string().max(63).default('consolidated-db'),
  onCall: anyFunction.optional(),
  onWarning: anyFunction.optional(),
  clock: anyObject.optional(),
});

type Filled =
  | 'production'
  | 'roles'
  | 'schemas'
  | 'searchPath'
  | 'timeoutMs'
  | 'connectTimeoutMs'
  | 'maxRows'
  | 'maxBytes'
  | 'largeNumbers'
  | 'maxPrepared'
  | 'pooledStatements'
  | 'applicationName';

/** Complete and frozen. */
export type ServiceConfig = Readonly<
  Omit<DatabaseServiceOptions, Filled | 'pools' | 'modes' | 'clock' | 'onWarning'> & {
    readonly [name in Filled]-?: NonNullable<DatabaseServiceOptions[name]>;
  } & {
    readonly pools: {
      readonly [mode in Exclude<ModeName, 'embedded'>]: Required<{ [K in keyof PoolOptions]-?: number }>;
    };
    readonly modes: ModeTable;
    readonly clock: Clock;
    readonly onWarning: (message: string) => void;
  }
>;

const POOL_DEFAULTS = {
  direct: { max: 10, maxWaiting: 1000, idleTimeoutMs: 30_000, maxLifetimeMs: 1_800_000 },
  // A pooler's cap on session clients counts over all processes: few, and released soon.
  session: { max: 3, maxWaiting: 1000, idleTimeoutMs: 5_000, maxLifetimeMs: 1_800_000 },
  // Client connections are cheap at a pooler in transaction mode.
  transaction: { max: 32, maxWaiting: 1000, idleTimeoutMs: 30_000, maxLifetimeMs: 1_800_000 },
} as const;

/** Parses the options once, at the door. */
export function parseOptions(options: DatabaseServiceOptions): ServiceConfig {
  const parsed = schema.safeParse(options ?? {}, { reportInput: true });
  if (!parsed.success) throw invalidOptions(parsed.error);
  const given = parsed.data as unknown as DatabaseServiceOptions & Pick<ServiceConfig, Filled>;
  const config: ServiceConfig = {
    ...given,
    pools: {
      direct: poolOf('direct', given.pools?.direct),
      session: poolOf('session', given.pools?.session),
      transaction: poolOf('transaction', given.pools?.transaction),
    },
    modes: { ...DEFAULT_MODE_TABLE, ...(given.modes as Partial<ModeTable>) },
    clock: given.clock ?? systemClock,
    onWarning: given.onWarning ?? ((message) => process.emitWarning(message, 'ConsolidatedDatabaseWarning')),
  };
  return Object.freeze(config);
}

function poolOf(
  mode: keyof typeof POOL_DEFAULTS,
  given: PoolOptions | undefined,
): Required<ServiceConfig['pools']['direct']> {
  const defaults = POOL_DEFAULTS[mode];
  return {
    max: given?.max ?? defaults.max,
    maxWaiting: given?.maxWaiting ?? defaults.maxWaiting,
    idleTimeoutMs: given?.idleTimeoutMs ?? defaults.idleTimeoutMs,
    maxLifetimeMs: given?.maxLifetimeMs ?? defaults.maxLifetimeMs,
  };
}

/** Options whose value may be repeated in a message; all others may hold secrets. */
const SECRET = new Set(['direct', 'session', 'transaction', 'service', 'jwt', 'tls']);

function invalidOptions(error: z.ZodError): ValidationError {
  const issue = error.issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const known = path === '' ? ` Known are: ${Object.keys(schema.shape).join(', ')}.` : '';
    return new ValidationError(
      `There is no option ${issue.keys.map((key) => `'${path === '' ? '' : `${path}.`}${key}'`).join(', ')}.${known}`,
      {
        code: 'INVALID_OPTION',
      },
    );
  }
  const top = String(issue?.path[0] ?? '');
  const was =
    issue === undefined || SECRET.has(top) || !('input' in issue)
      ? ''
      : ` It was ${JSON.stringify(issue.input)}.`;
  return new ValidationError(`The option '${path}' is not valid: ${issue?.message ?? 'unknown'}.${was}`, {
    code: 'INVALID_OPTION',
  });
}
