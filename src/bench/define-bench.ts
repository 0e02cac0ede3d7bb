import * as z from 'zod';
import { UsageError } from '../contract/errors.ts';

/** One call of a way. Calls with the same `n` get the same numbers, whatever way they are of. */
export interface BenchCall {
  /** Counts from 0, and never repeats for one way of a case in one run: keys of rows can be made of it. */
  readonly n: number;
  /** The next number from 0 to below 1, drawn from `seed` and `n`: for parameters. */
  readonly random: () => number;
}

/** Who does the work: what its ways are called with, how it is opened and how it is closed. */
export interface BenchContender<Client> {
  /** How it works, in a few words for whoever reads the report: its version, its pool. No secrets. */
  readonly recipe?: string | undefined;
  /** Called once, before anything is checked or measured. Open pools here, not where the file begins: so nothing is open in vain. */
  open(): Client | Promise<Client>;
  /** Called once at the end, whatever came before. */
  close(client: Client): unknown;
}

/** One way of doing the work of a case. Its answer is what is compared with those of the other ways. */
export type BenchWay<Client> = (client: Client, call: BenchCall) => unknown;

/**
 * How the answers of all ways to the same call are compared, before anything is measured.
 *
 * - `'rows'`: lists hold the same rows, in any order; other answers are equal.
 * - `'exact'`: equal, and lists in the same order.
 * - a function: gets the answers by the names of their ways, and returns whether they are the same.
 * - `{ skip }`: they are not compared, for the reason that stands there. The report says so.
 */
export type BenchCheck =
  | 'rows'
  | 'exact'
  | ((answers: Readonly<Record<string, unknown>>) => boolean | Promise<boolean>)
  | { readonly skip: string };

/** A piece of work, and the ways to do it. */
export interface BenchCase<Clients> {
  /** What it is, for whoever reads the report. */
  readonly about?: string | undefined;
  /** Whether it writes. Nothing takes back what was written: `cdb bench` warns before it begins. @defaultValue false */
  readonly writes?: boolean | undefined;
  /** The ways, each by the name of its contender. */
  readonly ways: { readonly [Name in keyof Clients]?: BenchWay<Clients[Name]> };
  /** @defaultValue 'rows' */
  readonly check?: BenchCheck | undefined;
}

/** Options of `defineBench`. */
export interface BenchOptions<Clients> {
  /** By their names: up to 24 letters, digits, dots, dashes, underscores and spaces. */
  readonly contenders: { readonly [Name in keyof Clients]: BenchContender<Clients[Name]> };
  /** By their names, of up to 60 such characters. */
  readonly cases: Readonly<Record<string, BenchCase<NoInfer<Clients>>>>;
  /** The contender that others are compared with, and that `--compare` watches. @defaultValue the first */
  readonly baseline?: NoInfer<keyof Clients & string> | undefined;
  /** How many calls run at the same time: each case is measured with each of these numbers. @defaultValue [1, 10] */
  readonly concurrency?: readonly number[] | undefined;
  /** Rounds in which each way has a turn. `--compare` needs 3. @defaultValue 7 */
  readonly rounds?: number | undefined;
  /** Length of a turn, in seconds. @defaultValue 0.5 */
  readonly seconds?: number | undefined;
  /** Unmeasured calls of each way before its first turn, in seconds. @defaultValue 1.5 */
  readonly warmUpSeconds?: number | undefined;
  /** Of the random numbers. Another one draws others. @defaultValue 1 */
  readonly seed?: number | undefined;
}

export const MOST_ROUNDS = 1_000;
export const MOST_SECONDS = 3_600;

/** JavaScript would put a number before all other names, and the first one is the baseline. */
const NAME = /^(?!\d+$)[\p{L}\p{N}][\p{L}\p{N}._ -]*$/u;
const NAME_RULE =
  'must begin with a letter or a digit, hold only those, dots, dashes, underscores and spaces, and be no number';
/** It is printed on a terminal. */
const line = z
  .string()
  .max(300)
  .regex(/^\P{C}*$/u, 'must be one line without control characters');
const nameOf = (longest: number) => z.string().max(longest).regex(NAME, NAME_RULE);
const seconds = (least: number, otherwise: number) =>
  z.number().min(least).max(MOST_SECONDS).default(otherwise);

function callable<T extends (...args: never[]) => unknown>() {
  return z.custom<T>((value) => typeof value === 'function', 'must be a function');
}

const contender = z.strictObject({
  recipe: line.default(''),
  open: callable<() => unknown>(),
  close: callable<(client: unknown) => unknown>(),
});

const way = callable<BenchWay<unknown>>();

const check = z.union(
  [
    z.enum(['rows', 'exact']),
    callable<(answers: Readonly<Record<string, unknown>>) => boolean | Promise<boolean>>(),
    z.strictObject({ skip: line.min(1, 'must say why') }),
  ],
  "must be 'rows', 'exact', a function, or { skip: why }",
);

const SCHEMA = z.strictObject({
  contenders: z.record(nameOf(24), contender),
  cases: z.record(
    nameOf(60),
    z.strictObject({
      about: line.default(''),
      writes: z.boolean().default(false),
      ways: z.record(z.string(), way.optional()),
      check: check.default('rows'),
    }),
  ),
  baseline: z.string().optional(),
  concurrency: z.array(z.int().min(1).max(10_000)).min(1).default([1, 10]),
  rounds: z.int().min(1).max(MOST_ROUNDS).default(7),
  seconds: seconds(0.001, 0.5),
  warmUpSeconds: seconds(0, 1.5),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
});

type Parsed = z.output<typeof SCHEMA>;
type ParsedCase = Parsed['cases'][string];

/** A contender of a bench that was checked. What it opened is known to its own functions alone. */
export interface Contender {
  readonly recipe: string;
  /** Gives what the ways get. */
  readonly open: () => unknown;
  /** Gets what `open` gave. */
  readonly close: (client: unknown) => unknown;
}

/** A case of a bench that was checked, with its name. */
export interface NamedCase {
  readonly name: string;
  readonly about: string;
  readonly writes: boolean;
  /** The way that the others are compared with: that of the bench, or where it has none here, the first. */
  readonly baseline: string;
  /** By the names of their contenders, in their order. */
  readonly ways: ReadonlyMap<string, BenchWay<unknown>>;
  readonly check: BenchCheck;
}

const KIND = 'consolidated-db bench';

/** A bench that was checked. `cdb bench` runs the one that its file exports by default. */
export interface Bench {
  /** Tells a bench from anything else that a file may export. */
  readonly kind: typeof KIND;
  /** By their names, in their order. */
  readonly contenders: ReadonlyMap<string, Contender>;
  readonly cases: readonly NamedCase[];
  readonly baseline: string;
  readonly concurrency: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly seed: number;
}

/**
 * Checks a bench of your own: pieces of work, each done in one or more ways against your own database. Its file exports it by
 * default, and `cdb bench` runs it. Nothing is opened or called before.
 *
 * @example
 * ```ts
 * export default defineBench({
 *   contenders: {
 *     ours: { open: () => createDatabaseService({ direct: process.env.DATABASE_URL }), close: (db) => db.close() },
 *     yours: { open: () => new pg.Pool({ connectionString: process.env.DATABASE_URL }), close: (pool) => pool.end() },
 *   },
 *   cases: {
 *     'latest trips': {
 *       ways: {
 *         ours: (db) => db.as(user({ sub: ANA })).select('trips', { columns: ['id', 'title'], limit: 20 }),
 *         yours: (pool) => asUser(pool, ANA, 'select id, title from trips limit 20'),
 *       },
 *     },
 *   },
 * });
 * ```
 *
 * @throws UsageError `INVALID_BENCH` with the place, what it was, and what is allowed
 */
export function defineBench<Clients extends object>(options: BenchOptions<Clients>): Bench {
  assertNoPrototype(options);
  const parsed = SCHEMA.safeParse(options, { reportInput: true });
  if (!parsed.success) throw invalidIssue(parsed.error);
  const { contenders, cases, baseline, concurrency, ...rest } = parsed.data;
  const names = Object.keys(contenders);
  const [first] = names;
  if (first === undefined) throw invalidBench('contenders', 'has none, but there must be one at least');
  const chosen = baseline ?? first;
  if (!names.includes(chosen)) {
    throw invalidBench('baseline', `must be one of ${names.join(', ')}. It was ${JSON.stringify(chosen)}`);
  }
  const named = Object.entries(cases).map(([name, each]) => namedCase(name, each, names, chosen));
  if (named.length === 0) throw invalidBench('cases', 'has none, but there must be one at least');
  const idle = names.find((name) => named.every(({ ways }) => !ways.has(name)));
  if (idle !== undefined) throw invalidBench(`contenders.${idle}`, 'has no way in any case');
  return Object.freeze({
    ...rest,
    kind: KIND,
    contenders: new Map(Object.entries(contenders)),
    cases: named,
    baseline: chosen,
    concurrency: [...new Set(concurrency)],
  });
}

/** The schema leaves this name out without a word, and what is measured would be less than what stands in the file. */
function assertNoPrototype({
  contenders,
  cases,
}: {
  readonly contenders?: unknown;
  readonly cases?: unknown;
}): void {
  for (const [place, named] of Object.entries({ contenders, cases })) {
    if (typeof named === 'object' && named !== null && Object.hasOwn(named, '__proto__')) {
      throw invalidBench(place, 'has the name __proto__, which no contender and no case may have');
    }
  }
}

/** By its form, because the file may import another copy of the package. */
export function isBench(value: unknown): value is Bench {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === KIND;
}

function namedCase(
  name: string,
  parsed: ParsedCase,
  contenders: readonly string[],
  baseline: string,
): NamedCase {
  const place = `cases.${name}.ways`;
  const ways = new Map<string, BenchWay<unknown>>();
  for (const [contender, call] of Object.entries(parsed.ways)) {
    if (!contenders.includes(contender)) {
      throw invalidBench(
        place,
        `names a contender that is not there: ${JSON.stringify(contender)}. There are ${contenders.join(', ')}`,
      );
    }
    if (call !== undefined) ways.set(contender, call);
  }
  const [first] = ways.keys();
  if (first === undefined) throw invalidBench(place, 'has none, but there must be one at least');
  return { ...parsed, name, ways, baseline: ways.has(baseline) ? baseline : first };
}

function invalidIssue(error: z.ZodError): UsageError {
  const issue = error.issues[0];
  const place = issue?.path.map(String).join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    return invalidBench(place === '' ? 'the bench' : place, `has no option ${issue.keys.join(', ')}`);
  }
  const nameIssue = issue?.code === 'invalid_key' ? issue.issues[0] : undefined;
  // A number is no secret; a text that stands in the place of a function may be.
  const was = typeof issue?.input === 'number' ? `. It was ${issue.input}` : '';
  return invalidBench(
    place === '' ? 'the bench' : place,
    `is invalid: ${(nameIssue ?? issue)?.message ?? 'unknown'}${was}`,
  );
}

function invalidBench(place: string, what: string): UsageError {
  return new UsageError(`defineBench: ${place} ${what}.`, { code: 'INVALID_BENCH' });
}
