/** Generated searches on generated tables, each answer held to what is true. */
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  type DatabaseServiceOptions,
  NotFoundError,
} from '../../../src/index.ts';
import { SeededRandom } from '../../support/network/seeded-random.ts';
import { type GeneratedSearch, generateSearch } from './generated-search.ts';
import { type GeneratedTable, generateTable, pick } from './generated-table.ts';
import { judgeAnswer } from './judge-answer.ts';

/** Where the tables are made, and how services get there. */
export interface Ground {
  readonly services: readonly {
    readonly options: DatabaseServiceOptions;
    /** `transaction()` is there, other than in transaction mode. */
    readonly hasTransactions: boolean;
  }[];
  /** As the owner. */
  run(sql: string): Promise<unknown>;
}

export interface SearchesOptions {
  readonly seed: number;
  readonly searches: number;
  readonly searchesOfTable: number;
  /** Of most tables. */
  readonly rows: number;
  readonly onProgress?: (tally: SearchesTally) => void;
}

export interface SearchesTally {
  searches: number;
  tables: number;
  readonly plans: Record<string, number>;
  /** Of the searches with the recall `balanced`: rows found, of those that are nearest. */
  readonly balanced: { found: number; expected: number };
  readonly wrong: string[];
}

/** The least share of each plan: below it something is not tried any more. */
const LEAST_SHARE = 0.02;
const LEAST_RECALL = 0.97;
const MAX_WRONG = 20;

/** What a run has to show beside right answers. */
export function lackingOf({ plans, searches, balanced }: SearchesTally): string[] {
  const rare = ['exact', 'index', 'index, then exact']
    .filter((plan) => (plans[plan] ?? 0) < searches * LEAST_SHARE)
    .map((plan) => `The plan '${plan}' came ${plans[plan] ?? 0} times in ${searches} searches.`);
  const recall = balanced.found / balanced.expected;
  if (recall >= LEAST_RECALL) return rare;
  return [...rare, `'balanced' found ${recall.toFixed(4)} of the nearest rows.`];
}

export async function playSearches(ground: Ground, options: SearchesOptions): Promise<SearchesTally> {
  const random = new SeededRandom(options.seed);
  const tally: SearchesTally = {
    ...{ searches: 0, tables: 0, plans: {}, wrong: [] },
    balanced: { found: 0, expected: 0 },
  };
  while (tally.searches < options.searches && tally.wrong.length < MAX_WRONG) {
    const table = generateTable(random, tally.tables, { rows: options.rows });
    tally.tables++;
    for (const sql of table.sql) await ground.run(sql);
    const services = ground.services.map(({ options, hasTransactions }) => ({
      db: createDatabaseService(options),
      hasTransactions,
    }));
    try {
      const until = Math.min(options.searches, tally.searches + options.searchesOfTable);
      while (tally.searches < until && tally.wrong.length < MAX_WRONG) {
        await playCall(random, table, pick(random, services), tally);
        options.onProgress?.(tally);
      }
    } finally {
      for (const { db } of services) await db.close({ drainMs: 1_000 });
    }
    await ground.run(table.dropped);
  }
  return tally;
}

/** One search alone, or several by the same caller in a batch or in a transaction. */
async function playCall(
  random: SeededRandom,
  table: GeneratedTable,
  { db, hasTransactions }: { db: ConsolidatedDatabaseService; hasTransactions: boolean },
  tally: SearchesTally,
): Promise<void> {
  const caller = pick(random, table.callers);
  const way = random.next();
  const draw = () => generateSearch(random, table, caller);
  const handle = db.as(caller.identity);
  if (way < 0.7) {
    const search = draw();
    // What is learned shows where the same is asked again.
    for (let times = random.chance(0.3) ? 3 : 1; times > 0; times--) {
      judge(
        table,
        search,
        await settled(() => handle.vectorSearch(table.name, search.options as never)),
        tally,
      );
    }
    return;
  }
  const searches = Array.from({ length: 1 + random.below(3) }, draw).filter(
    (search) => !mayMiss(table, search),
  );
  if (searches.length === 0) return;
  const answers =
    way < 0.85 || !hasTransactions
      ? await batched(handle, table, searches)
      : await handle.transaction(async (tx) => {
          const all: unknown[] = [];
          for (const { options } of searches) all.push(await tx.vectorSearch(table.name, options as never));
          return all;
        });
  for (const [at, search] of searches.entries()) judge(table, search, { value: answers[at] }, tally);
}

async function batched(
  handle: DatabaseHandle,
  table: GeneratedTable,
  searches: readonly GeneratedSearch[],
): Promise<readonly unknown[]> {
  const { build } = handle;
  const statements = searches.map(({ options }) => build.vectorSearch(table.name, options as never));
  return (await handle.batch([...statements, build.count(table.name)] as never)) as readonly unknown[];
}

type Settled = { readonly value: unknown } | { readonly error: unknown };

async function settled(call: () => PromiseLike<unknown>): Promise<Settled> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}

/** The row that it starts from is not there for the caller. */
function mayMiss(table: GeneratedTable, { compared, caller, metric }: GeneratedSearch): boolean {
  const near = compared[0]?.near;
  if (near === undefined) return false;
  const { v } = near;
  const isUndirected = metric === 'cosine' && v?.every((value) => value === 0) === true;
  return v === undefined || isUndirected || !table.mayRead(caller, near);
}

function judge(table: GeneratedTable, search: GeneratedSearch, settled: Settled, tally: SearchesTally): void {
  tally.searches++;
  const complain = (wrong: string) =>
    tally.wrong.push(
      `search ${tally.searches} by ${search.caller.name} in ${table.about}: ${wrong}\n  ${JSON.stringify(search.options)}`,
    );
  if ('error' in settled) {
    if (!mayMiss(table, search) || !(settled.error instanceof NotFoundError)) complain(String(settled.error));
    return;
  }
  if (mayMiss(table, search)) return void complain('it found a row that the caller does not see');
  const answers = search.isSeveral ? (settled.value as readonly unknown[]) : [settled.value];
  if (answers.length !== search.compared.length) complain(`${answers.length} answers`);
  for (const [at, compared] of search.compared.entries()) {
    const { wrong, plan, found, expected } = judgeAnswer(table, search, compared, answers[at]);
    if (wrong !== undefined) complain(wrong);
    if (plan !== undefined) tally.plans[plan] = (tally.plans[plan] ?? 0) + 1;
    if (search.recall !== 'balanced') continue;
    tally.balanced.found += found;
    tally.balanced.expected += expected;
  }
}
