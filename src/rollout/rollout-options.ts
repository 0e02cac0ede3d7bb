import type { Registry } from 'prom-client';
import * as z from 'zod';
import { isPlainObject } from '../consolidated/values/plain-object.ts';
import { type Clock, systemClock } from '../contract/clock.ts';
import { ConfigurationError } from '../contract/errors.ts';
import { systemRandom } from '../contract/random.ts';
import type { DatabaseOperations } from './database-operations.ts';
import type { FlagSource } from './flag-source.ts';
import type { RolloutEvent } from './rollout-event.ts';
import type { Side } from './side-choice.ts';

/** Options of `createRollout`. */
export interface RolloutOptions<S> {
  /** What runs today: `LegacyDatabaseService`, or an object of your own with the same methods. */
  readonly legacy: DatabaseOperations<S>;
  /** The service of this package. With a cache of its own it must have the option `cache.onlyWatched`. */
  readonly consolidated: DatabaseOperations<S>;
  /** Where calls go: `fileFlag`, `tableFlag`, `openFeatureFlag`, or your own source. */
  readonly flag: FlagSource;
  /** The side while the flag cannot be read, and the last one is too old. @defaultValue 'legacy' */
  readonly whenUnknown?: Side | undefined;
  /** Milliseconds for which the last flag is used while none can be read. @defaultValue 30_000 */
  readonly keepLastMs?: number | undefined;
  /** Milliseconds between two readings of the flag, 50 to 900. @defaultValue 400 */
  readonly pollMs?: number | undefined;
  /** Functions that write nothing, so that calls of them may be compared. @defaultValue [] */
  readonly readFunctions?: readonly string[] | undefined;
  /** The budget of comparisons. How many reads are compared is said by the flag. */
  readonly shadow?: ShadowOptions | undefined;
  /** When traffic goes back by itself; `false`: never. */
  readonly guard?: GuardOptions | false | undefined;
  /** Told of what happens to the rollout. */
  readonly onEvent?: ((event: RolloutEvent) => void) | undefined;
  /** @defaultValue `process.emitWarning` */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Where metrics are registered, until the rollout is closed: a registry of prom-client's. @defaultValue none */
  readonly metrics?: { readonly registry: Registry } | undefined;
  readonly clock?: Clock | undefined;
  /** From 0 to below 1. */
  readonly random?: (() => number) | undefined;
}

/** What comparisons may take. They run behind the calls. */
export interface ShadowOptions {
  /** Comparisons at the same time. @defaultValue 4 */
  readonly maxConcurrent?: number | undefined;
  /** @defaultValue 50 */
  readonly maxPerSecond?: number | undefined;
  /** Milliseconds for each read of a comparison. @defaultValue 2_000 */
  readonly timeoutMs?: number | undefined;
  /** Answers of more rows are not compared. @defaultValue 1_000 */
  readonly maxRows?: number | undefined;
}

/** By how much the consolidated side may be worse. */
export interface GuardOptions {
  /** Milliseconds that are looked at. @defaultValue 30_000 */
  readonly windowMs?: number | undefined;
  /** Calls of an operation and table that a judgement needs. @defaultValue 50 */
  readonly minCalls?: number | undefined;
  /** Share of failed calls, 0 to 1, above that of the legacy side. @defaultValue 0.05 */
  readonly errorMargin?: number | undefined;
  /** The p95 may be that of the legacy side times this, and `slowMarginMs` more; beyond it for two seconds it is slow. @defaultValue 2 */
  readonly slowFactor?: number | undefined;
  /** @defaultValue 50 */
  readonly slowMarginMs?: number | undefined;
  /** Differences found in the window while calls go to the consolidated side. @defaultValue 3 */
  readonly maxDifferences?: number | undefined;
}

const OPERATION_METHODS = ['withToken', 'as', 'select', 'insert', 'update', 'delete', 'rpc'] as const;

const whole = z.int().min(1);

const SCHEMA = {
  legacy: withMethods(OPERATION_METHODS),
  consolidated: withMethods(OPERATION_METHODS),
  flag: withMethods(['read']),
  whenUnknown: z.enum(['legacy', 'consolidated']).default('legacy'),
  keepLastMs: z.number().min(0).max(86_400_000).default(30_000),
  pollMs: z.number().min(50).max(900).default(400),
  readFunctions: z.array(z.string().min(1)).default([]),
  shadow: z
    .strictObject({
      maxConcurrent: whole.max(1_000).default(4),
      maxPerSecond: whole.max(100_000).default(50),
      timeoutMs: whole.max(60_000).default(2_000),
      maxRows: whole.max(100_000).default(1_000),
    })
    .prefault({}),
  guard: z
    .union([
      z.literal(false),
      z.strictObject({
        windowMs: z.number().min(1_000).max(3_600_000).default(30_000),
        minCalls: whole.max(1_000).default(50),
        errorMargin: z.number().min(0).max(1).default(0.05),
        slowFactor: z.number().min(1).max(1_000).default(2),
        slowMarginMs: z.number().min(0).max(60_000).default(50),
        maxDifferences: z.int().min(0).default(3),
      }),
    ])
    .prefault({}),
  onEvent: callable().optional(),
  onWarning: callable().optional(),
  metrics: z.strictObject({ registry: withMethods(['registerMetric']) }).optional(),
  clock: withMethods(['now', 'wallNow', 'schedule']).optional(),
  random: callable().optional(),
} satisfies { readonly [Name in keyof RolloutOptions<never>]-?: z.ZodType };

const parser = z.strictObject(SCHEMA);

type Parsed = z.output<typeof parser>;

/** The options, complete. */
export type RolloutConfig<S> = Pick<
  Parsed,
  'whenUnknown' | 'keepLastMs' | 'pollMs' | 'readFunctions' | 'shadow' | 'guard'
> &
  Pick<RolloutOptions<S>, 'legacy' | 'consolidated' | 'flag' | 'onEvent' | 'metrics'> & {
    readonly onWarning: (message: string) => void;
    readonly clock: Clock;
    readonly random: () => number;
  };

/** @throws ConfigurationError `INVALID_OPTION` */
export function parseRolloutOptions<S>(options: RolloutOptions<S>): RolloutConfig<S> {
  const given: unknown = options;
  if (!isPlainObject(given)) throw invalid('The options of createRollout must be a plain object.');
  // By own properties: what somebody put on every object's prototype is no option.
  const own: RolloutOptions<S> = Object.assign(Object.create(null), options);
  const parsed = parser.safeParse(own);
  if (!parsed.success) throw invalid(messageOf(parsed.error.issues[0]));
  const { whenUnknown, keepLastMs, pollMs, readFunctions, shadow, guard } = parsed.data;
  const { legacy, consolidated, flag, onEvent, metrics } = own;
  return {
    ...{ whenUnknown, keepLastMs, pollMs, readFunctions, shadow, guard },
    ...{ legacy, consolidated, flag, onEvent, metrics },
    onWarning: neverThrowing(own.onWarning ?? emitWarning),
    clock: own.clock ?? systemClock,
    random: own.random ?? systemRandom,
  };
}

function emitWarning(message: string): void {
  process.emitWarning(message, 'ConsolidatedDatabaseWarning');
}

/** What is thrown there must not stop the flag from being read. */
function neverThrowing(warn: (message: string) => void): (message: string) => void {
  return (message) => {
    try {
      warn(message);
    } catch {
      emitWarning(`The option 'onWarning' of createRollout threw when it was told: ${message}`);
    }
  };
}

function messageOf(issue: z.core.$ZodIssue | undefined): string {
  const path = issue?.path.map(String).join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => `'${path === '' ? key : `${path}.${key}`}'`).join(', ');
    return `createRollout has no option ${names}. Known options: ${Object.keys(SCHEMA).join(', ')}.`;
  }
  return `The option '${path}' of createRollout is invalid: ${issue?.message ?? 'unknown'}.`;
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(message, { code: 'INVALID_OPTION' });
}

function withMethods(names: readonly string[]): z.ZodType<object> {
  return z.custom<object>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      names.every((name) => typeof Reflect.get(value, name) === 'function'),
    `must be an object with the methods ${names.join(', ')}`,
  );
}

function callable(): z.ZodType<(...args: never[]) => unknown> {
  return z.custom<(...args: never[]) => unknown>(
    (value) => typeof value === 'function',
    'must be a function',
  );
}
