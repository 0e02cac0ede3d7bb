import * as z from 'zod';
import { isPlainObject } from '../consolidated/values/plain-object.ts';
import { ConfigurationError } from '../contract/errors.ts';

/** What a flag and its rules name calls by. */
const OPERATION_NAMES = [
  'select',
  'selectOne',
  'selectMaybe',
  'count',
  'insert',
  'update',
  'upsert',
  'delete',
  'rpc',
  'vectorSearch',
] as const;

export type OperationName = (typeof OPERATION_NAMES)[number];

/** How much of some calls goes where. */
interface RolloutShares {
  /** Of the users, in percent, whose calls go to the consolidated service. Two decimals count. @defaultValue 0 */
  readonly percentage?: number | undefined;
  /** Of the reads that go to the legacy service, in percent, which are compared with the other side. @defaultValue 0 */
  readonly shadow?: number | undefined;
}

/**
 * Where calls go. It is plain data: a row of a table, a file, or the value of a flag of any provider. Whatever it does not
 * say goes to the legacy service.
 *
 * @example
 * ```json
 * { "percentage": 25, "shadow": 10, "deny": ["5f0c…"], "rules": [{ "tables": ["trips"], "operations": ["insert"], "percentage": 0 }] }
 * ```
 */
export interface RolloutFlag extends RolloutShares {
  /** The kill switch: every call goes to the legacy service, whatever else is said. @defaultValue false */
  readonly killed?: boolean | undefined;
  /** Users, by the `sub` of their tokens, whose calls always go to the consolidated service. @defaultValue [] */
  readonly allow?: readonly string[] | undefined;
  /** Users whose calls always go to the legacy service, also if they are in `allow`. @defaultValue [] */
  readonly deny?: readonly string[] | undefined;
  /** Shares of some operations and tables, instead of those above. The first rule that fits counts. @defaultValue [] */
  readonly rules?: readonly RolloutRule[] | undefined;
  /** Changes who is among the first users of a percentage. @defaultValue '' */
  readonly salt?: string | undefined;
}

/** It fits a call whose operation and table it names. What it leaves out fits all. */
interface RolloutRule extends RolloutShares {
  readonly operations?: readonly OperationName[] | undefined;
  /** Tables, views and functions, named as in the calls. */
  readonly tables?: readonly string[] | undefined;
}

/** A flag as it is told to others: how many users it names, but not who they are. */
export interface ToldFlag extends Omit<RolloutFlag, 'allow' | 'deny'> {
  readonly allow: number;
  readonly deny: number;
}

export function toldFlag({ flag, allow, deny }: ReadFlag): ToldFlag {
  return { ...flag, allow: allow.size, deny: deny.size };
}

/** The shares of one call. */
interface Shares {
  readonly percentage: number;
  readonly shadow: number;
}

/** A flag that was checked, with what is looked up for each call. */
export interface ReadFlag {
  readonly flag: RolloutFlag;
  readonly isKilled: boolean;
  readonly salt: string;
  readonly allow: ReadonlySet<string>;
  readonly deny: ReadonlySet<string>;
  readonly rules: readonly ReadRule[];
  readonly shares: Shares;
}

interface ReadRule {
  readonly operations: ReadonlySet<string> | undefined;
  readonly tables: ReadonlySet<string> | undefined;
  readonly shares: Shares;
}

const share = z.number().min(0).max(100).optional();
const names = z.array(z.string().min(1).max(1_000)).max(10_000);

const parser: z.ZodType<RolloutFlag> = z.strictObject({
  percentage: share,
  shadow: share,
  killed: z.boolean().optional(),
  allow: names.optional(),
  deny: names.optional(),
  rules: z
    .array(
      z.strictObject({
        operations: z.array(z.enum(OPERATION_NAMES)).min(1).optional(),
        tables: names.min(1).optional(),
        percentage: share,
        shadow: share,
      }),
    )
    .max(1_000)
    .optional(),
  salt: z.string().max(1_000).optional(),
});

/**
 * Checks what a provider has given.
 *
 * @throws ConfigurationError `INVALID_FLAG`, which names the place and holds no value
 */
export function readFlag(value: unknown): ReadFlag {
  if (!isPlainObject(value)) throw invalid('It must be an object.');
  const parsed = parser.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.map(String).join('.') ?? '';
    throw invalid(`${place === '' ? '' : `At '${place}': `}${issue?.message ?? 'unknown'}.`);
  }
  const flag = parsed.data;
  const { percentage = 0, shadow = 0, killed = false, salt = '', allow = [], deny = [], rules = [] } = flag;
  return {
    flag,
    isKilled: killed,
    salt,
    allow: new Set(allow),
    deny: new Set(deny),
    rules: rules.map((rule) => ({
      operations: rule.operations && new Set(rule.operations),
      tables: rule.tables && new Set(rule.tables),
      shares: { percentage: rule.percentage ?? percentage, shadow: rule.shadow ?? shadow },
    })),
    shares: { percentage, shadow },
  };
}

/** The shares of the first rule that fits, or those of the whole flag. */
export function sharesOf({ rules, shares }: ReadFlag, operation: OperationName, table: string): Shares {
  for (const { operations, tables, shares: own } of rules) {
    if (operations?.has(operation) !== false && tables?.has(table) !== false) return own;
  }
  return shares;
}

function invalid(what: string): ConfigurationError {
  return new ConfigurationError(`The flag of the rollout is invalid. ${what}`, { code: 'INVALID_FLAG' });
}
