import type { JSONWebKeySet } from 'jose';
import * as z from 'zod';
import { type Clock, systemClock } from '../../contract/clock.ts';
import { ConfigurationError } from '../../contract/errors.ts';
import type { Identity } from '../../contract/identity.ts';
import { type ConnectionMode, MODE_NAMES } from '../../contract/mode.ts';
import { systemRandom } from '../../contract/random.ts';
import type { StatementKind } from '../../contract/statement.ts';
import { DEFAULT_MODE_TABLE, type ModeTable } from '../../modes/index.ts';
import { cacheSchema } from './cache-schema.ts';
import { metricsSchema } from './metrics-schema.ts';
import type { DatabaseServiceOptions, PGliteLike } from './service-options.ts';

type Given<Name extends keyof DatabaseServiceOptions> = NonNullable<DatabaseServiceOptions[Name]>;

const text = z.string().min(1);
const url = text.optional();
const positive = z.int().positive();
const names = z.array(z.string().min(1).max(63));
const role = names.element.refine(
  (name) => name !== 'service_role',
  "must not name 'service_role': only service() can use it",
);
/** A year: what a key still has to be told by then is no repeat. */
const MAX_TTL_MS = 366 * 86_400_000;
const kinds = Object.keys(DEFAULT_MODE_TABLE) as [StatementKind, ...StatementKind[]];

const keySource = {
  secret: text.optional(),
  jwksUrl: z.url().optional(),
  jwks: object<JSONWebKeySet>().optional(),
  algorithms: z.array(text).min(1).optional(),
};

function object<T extends object>(): z.ZodType<T, T> {
  return z.custom<T>((value) => typeof value === 'object' && value !== null, 'must be an object');
}

function callable<T extends (...args: never[]) => unknown>(): z.ZodType<T, T> {
  return z.custom<T>((value) => typeof value === 'function', 'must be a function');
}

/** Of one login. */
const login = {
  direct: url,
  session: url,
  transaction: url,
  password: callable<Given<'password'>>().optional(),
};

function pool(max: number, idleTimeoutMs: number) {
  return z
    .strictObject({
      max: positive.max(10_000).default(max),
      maxWaiting: z.int().min(0).default(1_000),
      idleTimeoutMs: positive.default(idleTimeoutMs),
      maxLifetimeMs: positive.default(1_800_000),
    })
    .prefault({});
}

/** Each option, what is allowed, and its default. */
const SCHEMA = {
  ...login,
  service: z.strictObject(login).optional(),
  embedded: z
    .union([
      z.boolean(),
      z.strictObject({
        pglite: object<PGliteLike>().optional(),
        dataDir: text.optional(),
        sql: z.union([z.string(), z.array(z.string())]).optional(),
      }),
    ])
    .default(false),
  production: z.boolean().default(false),
  tls: z
    .strictObject({ ca: z.string().includes('BEGIN CERTIFICATE', 'must be PEM text').optional() })
    .optional(),
  jwt: z
    .strictObject({
      ...keySource,
      sources: z.array(z.strictObject(keySource)).min(1).optional(),
      issuer: text.optional(),
      audience: text.optional(),
      clockToleranceSeconds: z.number().min(0).optional(),
    })
    .optional(),
  roles: z.array(role).default([]),
  defaultIdentity: object<Identity>().optional(),
  schemas: names.min(1).default(['public']),
  searchPath: names.default(['public', 'extensions']),
  timeoutMs: positive.max(2_147_483_647).default(10_000),
  connectTimeoutMs: positive.default(5_000),
  maxRows: positive.default(100_000),
  maxBytes: positive.default(64 * 1024 * 1024),
  largeNumbers: z.enum(['throw', 'string']).default('throw'),
  pools: z
    .strictObject({
      direct: pool(10, 30_000),
      // A pooler limits session clients of all processes together, so keep few and release them soon.
      session: pool(3, 5_000),
      // Client connections are cheap at a pooler in transaction mode.
      transaction: pool(32, 30_000),
    })
    .prefault({}),
  idempotency: z.strictObject({ ttlMs: positive.max(MAX_TTL_MS).default(86_400_000) }).prefault({}),
  cache: cacheSchema,
  maxPrepared: positive.default(256),
  pooledStatements: z.enum(['unnamed', 'named']).default('unnamed'),
  modes: z
    .partialRecord(z.enum(kinds), z.array(z.enum(MODE_NAMES)).min(1))
    .default({})
    .transform((given): ModeTable => ({ ...DEFAULT_MODE_TABLE, ...given })),
  retry: z
    .union([
      z.literal(false),
      z.strictObject({
        attempts: z.int().min(1).max(10).default(3),
        budget: z.number().min(0).max(1).default(0.2),
      }),
    ])
    .prefault({}),
  breaker: z
    .union([
      z.literal(false),
      z.strictObject({
        failureRate: z.number().gt(0).lt(1).default(0.5),
        minCalls: positive.max(100).default(10),
        pauseMs: positive.max(60_000).default(500),
      }),
    ])
    .prefault({}),
  bulkhead: z.boolean().default(true),
  fallback: z.boolean().default(true),
  applicationName: z.string().max(63).default('consolidated-db'),
  metrics: metricsSchema,
  onCall: callable<Given<'onCall'>>().optional(),
  onEvent: callable<Given<'onEvent'>>().optional(),
  sqlComments: z.boolean().default(false),
  openTelemetry: z.boolean().default(false),
  slowMs: positive.default(1_000),
  onSlow: callable<Given<'onSlow'>>().optional(),
  log: z.union([z.boolean(), callable<(line: string) => void>()]).default(false),
  onWarning: callable<Given<'onWarning'>>().default(() => emitWarning),
  wrapMode: callable<Given<'wrapMode'>>().default(() => unwrapped),
  clock: object<Clock>().default(systemClock),
  random: callable<Given<'random'>>().default(() => systemRandom),
} satisfies {
  readonly [Name in keyof DatabaseServiceOptions]-?: z.ZodType<unknown, DatabaseServiceOptions[Name]>;
};

const parser = z.strictObject(SCHEMA);

/** The options, complete and frozen. */
export type ServiceConfig = Readonly<z.output<typeof parser>>;

/** Parses the options once, when they come in. */
export function parseOptions(options: DatabaseServiceOptions): ServiceConfig {
  const parsed = parser.safeParse(ownDeeply(options ?? {}), { reportInput: true });
  if (!parsed.success) throw invalidOptions(parsed.error);
  return Object.freeze({ ...parsed.data, onWarning: neverThrowing(parsed.data.onWarning) });
}

/** Calls warn in the middle of their work, behind a COMMIT too: what is thrown there would be told as their failure. */
function neverThrowing(warn: (message: string) => void): (message: string) => void {
  return (message) => {
    try {
      warn(message);
    } catch (error) {
      const why = error instanceof Error ? error.message : 'no error';
      emitWarning(`The option 'onWarning' threw (${why}) when it was told: ${message}`);
    }
  };
}

function unwrapped(mode: ConnectionMode): ConnectionMode {
  return mode;
}

/** Those that hold options themselves; what the others hold is for others to read. */
const HOLDERS: ReadonlySet<string> = new Set([
  'service',
  'tls',
  'jwt',
  'sources',
  'pools',
  'metrics',
  'modes',
  'direct',
  'session',
  'transaction',
  'retry',
  'breaker',
  'idempotency',
  'cache',
  'secondLevel',
]);
/** Those that hold options by names of the application. */
const MAPS: ReadonlySet<string> = new Set(['tables', 'functions']);

/** By own properties alone: what somebody added to the prototype of all objects is no option. */
function ownDeeply(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ownDeeply);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const own = Object.create(null) as Record<string, unknown>;
  for (const [name, item] of Object.entries(value)) {
    own[name] = MAPS.has(name) ? ownMap(item) : HOLDERS.has(name) ? ownDeeply(item) : item;
  }
  return own;
}

function ownMap(value: unknown): unknown {
  const map = ownDeeply(value);
  if (typeof map !== 'object' || map === null) return map;
  for (const [name, item] of Object.entries(map)) (map as Record<string, unknown>)[name] = ownDeeply(item);
  return map;
}

function emitWarning(message: string): void {
  process.emitWarning(message, 'ConsolidatedDatabaseWarning');
}

/** An object may be a circle, hold a bigint, or be long. */
function shownInput(input: unknown): string {
  if (typeof input === 'object' && input !== null) return Array.isArray(input) ? 'an array' : 'an object';
  return typeof input === 'string' ? JSON.stringify(input) : String(input);
}

/** Options whose value must not be in a message, because it can contain secrets. */
const SECRET = new Set(['direct', 'session', 'transaction', 'password', 'service', 'jwt', 'tls']);

/** Of several forms that a value may have, the fault of the one that it comes closest to. */
function narrowest(issue: z.core.$ZodIssue | undefined): z.core.$ZodIssue | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  const [deepest] = issue.errors.flat().sort((one, other) => other.path.length - one.path.length);
  if (deepest === undefined || (deepest.path.length === 0 && deepest.code !== 'unrecognized_keys'))
    return issue;
  return { ...deepest, path: [...issue.path, ...deepest.path] };
}

function invalidOptions(error: z.ZodError): ConfigurationError {
  const issue = narrowest(error.issues[0]);
  const path = issue?.path.map(String).join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const known = path === '' ? ` Known options: ${Object.keys(SCHEMA).join(', ')}.` : '';
    return new ConfigurationError(
      `There is no option ${issue.keys.map((key) => `'${path === '' ? '' : `${path}.`}${key}'`).join(', ')}.${known}`,
      { code: 'INVALID_OPTION' },
    );
  }
  const top = String(issue?.path[0] ?? '');
  const isSecret = SECRET.has(top) || issue?.path.includes('encryptionKeys') === true;
  const was =
    issue === undefined || isSecret || !('input' in issue) ? '' : ` It was ${shownInput(issue.input)}.`;
  return new ConfigurationError(`The option '${path}' is invalid: ${issue?.message ?? 'unknown'}.${was}`, {
    code: 'INVALID_OPTION',
  });
}
