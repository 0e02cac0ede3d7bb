/**
 * Two answers to each question: the one of the cache, and one that is read after the last write has settled. They must be equal,
 * whatever the schema, the reader and the writes in between.
 */
import {
  anonymous,
  createDatabaseService,
  DatabaseError,
  type DatabaseHandle,
  type DatabaseServiceOptions,
  op,
  service,
  user,
} from '../../src/index.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import {
  COLUMNS,
  type GeneratedSchema,
  GROUPS,
  generateSchema,
  IDS,
  subjectOf,
  USERS,
} from './differential-schema.ts';
import { drawWrite } from './differential-writes.ts';

/** Where the schemas are made, and how a service gets there. */
export interface Ground {
  readonly options: DatabaseServiceOptions;
  /** As the owner; several statements. */
  run(sql: string): Promise<unknown>;
}

export interface DifferentialOptions {
  readonly seed: number;
  readonly reads: number;
  /** Of each schema. */
  readonly readsOfSchema: number;
  /** That schema alone, to repeat a difference. */
  readonly only?: number | undefined;
  readonly onProgress?: (tally: Tally) => void;
}

export interface Tally {
  reads: number;
  /** Answered from memory. */
  hits: number;
  /** Never kept, by reason. */
  readonly refused: Record<string, number>;
  writes: number;
  /** Refused by the database, by code. */
  readonly failedWrites: Record<string, number>;
  schemas: number;
  readonly differences: string[];
}

interface Question {
  readonly what: string;
  ask(cache: boolean | { readonly ttlMs: number }): Promise<unknown>;
}

/** How many questions are asked of a schema; the first ones more often. */
const QUESTIONS = 40;
const MAX_DIFFERENCES = 5;

export async function playDifferential(ground: Ground, options: DifferentialOptions): Promise<Tally> {
  const tally: Tally = {
    reads: 0,
    hits: 0,
    refused: {},
    writes: 0,
    failedWrites: {},
    schemas: 0,
    differences: [],
  };
  const { seed, reads, readsOfSchema, only } = options;
  for (let number = only ?? 0; tally.reads < reads && tally.differences.length < MAX_DIFFERENCES; number++) {
    const random = new SeededRandom(seed * 100_003 + number);
    const schema = generateSchema(random, `s${number}`);
    await ground.run(schema.sql);
    try {
      await playSchema(ground, schema, random, readsOfSchema, tally, `--seed ${seed} --only ${number}`);
    } finally {
      await ground.run(`drop schema ${schema.name} cascade`);
    }
    tally.schemas += 1;
    options.onProgress?.(tally);
    if (only !== undefined) break;
  }
  return tally;
}

async function playSchema(
  ground: Ground,
  schema: GeneratedSchema,
  random: SeededRandom,
  reads: number,
  tally: Tally,
  repeat: string,
): Promise<void> {
  await using db = createDatabaseService({
    ...ground.options,
    schemas: [schema.name],
    bulkhead: false,
    breaker: false,
    onWarning: () => {},
    cache: { functions: schema.declared, ttlMs: 600_000, emptyTtlMs: 600_000 },
  });
  const users = Array.from({ length: USERS }, (_, u) =>
    db.as(user({ sub: subjectOf(u), tenant: String(u) })),
  );
  const readers: readonly [string, DatabaseHandle][] = [
    ...users.map((each, u) => [`user ${u}`, each] as [string, DatabaseHandle]),
    ['user 0 of tenant 2', db.as(user({ sub: subjectOf(0), tenant: '2' }))],
    ['anonymous', db.as(anonymous())],
    ['the service', db.as(service())],
  ];
  const questions = Array.from({ length: QUESTIONS }, () => drawQuestion(random, schema, readers));
  /** All that was written since the schema was made. */
  const written: string[] = [];
  const different = async (question: Question): Promise<boolean> => {
    const before = db.cache.stats().hits;
    const cached = await answerOf(question, true);
    tally.hits += db.cache.stats().hits - before;
    const read = await answerOf(question, false);
    tally.reads += 1;
    if (cached === read) return false;
    tally.differences.push(
      [
        `${question.what}\ncached: ${cached}\nread:   ${read}`,
        repeat,
        schema.sql,
        ...written.slice(-12),
      ].join('\n'),
    );
    return true;
  };
  for (const before = tally.reads; tally.reads - before < reads; ) {
    const asked = () => questions[Math.floor(QUESTIONS * random.next() ** 2)] as Question;
    const together: Promise<unknown>[] = [];
    for (let writes = random.below(3); writes > 0; writes--) {
      const write = drawWrite(random, schema);
      const [name, writer] = random.chance(0.6)
        ? (readers.at(-1) as [string, DatabaseHandle])
        : (random.pick(readers) as [string, DatabaseHandle]);
      written.push(`${name}: ${write.what}`);
      tally.writes += 1;
      together.push(write.run(writer).catch((error: unknown) => failed(error, tally)));
    }
    // Readings under way while something is written.
    for (let more = random.below(4); more > 0; more--) together.push(answerOf(asked(), true));
    await Promise.all(together);
    for (let checks = 4 + random.below(12); checks > 0; checks--) if (await different(asked())) return;
  }
  for (const [reason, times] of Object.entries(db.cache.stats().refused))
    tally.refused[reason] = (tally.refused[reason] ?? 0) + times;
}

/** As text; of an error its code, which must be the same too. */
async function answerOf({ ask }: Question, isCached: boolean): Promise<string> {
  try {
    const answer = await ask(isCached);
    return Array.isArray(answer)
      ? JSON.stringify(answer.map((row) => JSON.stringify(row)).sort())
      : JSON.stringify(answer);
  } catch (error) {
    if (error instanceof DatabaseError) return error.code;
    throw error;
  }
}

function failed(error: unknown, { failedWrites }: Tally): void {
  if (!(error instanceof DatabaseError)) throw error;
  failedWrites[error.code] = (failedWrites[error.code] ?? 0) + 1;
}

function drawQuestion(
  random: SeededRandom,
  schema: GeneratedSchema,
  readers: readonly [string, DatabaseHandle][],
): Question {
  const [name, db] = random.pick(readers) as [string, DatabaseHandle];
  const relation = random.pick(schema.relations)?.name ?? 't0';
  const filters = random.pick([
    {},
    {},
    { grp: random.below(GROUPS) },
    { id: random.below(IDS) },
    { n: op.lt(random.below(100)) },
  ]) as { id?: number };
  const where = `${relation} ${JSON.stringify(filters)} by ${name}`;
  switch (random.below(6)) {
    case 0:
      return { what: `count of ${where}`, ask: (cache) => db.count(relation, { filters, cache }) };
    case 1: {
      const fn = random.pick(schema.questions) ?? 'q0';
      const g = random.below(GROUPS);
      return { what: `${fn}(${g}) by ${name}`, ask: (cache) => db.rpc(fn, { g }, { cache }) };
    }
    case 2: {
      const columns = random.chance(0.5) ? (['id', 'n'] as const) : COLUMNS;
      return {
        what: `${columns.join(', ')} of ${where}`,
        ask: (cache) => db.select(relation, { columns: [...columns], filters, cache }),
      };
    }
    default:
      return { what: `rows of ${where}`, ask: (cache) => db.select(relation, { filters, cache }) };
  }
}
