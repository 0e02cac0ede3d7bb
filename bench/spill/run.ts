import { describeMachine } from '../../src/bench/machine.ts';
import type { Output } from '../../src/bench/run-output.ts';
import { median, rotated } from '../../src/bench/statistics.ts';
import { readable, textTable } from '../../src/bench/text-table.ts';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  user,
} from '../../src/index.ts';
import { createTestDatabase } from '../../test/support/full-stack.ts';
import { assertFullStack } from '../database.ts';

const WRITES = 30;
const WRITE_MS = 100;
const SQL = `create function slow_write() returns int language sql volatile
  as 'select 1 from pg_sleep(${WRITE_MS / 1_000})'`;

/** Which URLs the service has. */
const SETTINGS = ['all three URLs', 'without session'] as const;
type Setting = (typeof SETTINGS)[number];

/** At most so much longer than without session connections. */
const WANTED_RATIO = 1.1;
/** At most so long until a transaction that is begun among the writes has its first answer. */
const WANTED_START_MS = 50;

interface Measured {
  readonly writesMs: number;
  readonly startMs: number;
  /** The same writes as the first calls of a service. */
  readonly firstMs: number;
}

/** More writes at once than there are session connections, and a transaction among them. Prints medians. */
export async function runSpillBench(rounds: number, output: Output): Promise<void> {
  assertFullStack();
  output.line(describeMachine());
  await using database = await createTestDatabase({ sql: SQL });
  const { direct, session, transaction } = database.user;
  const serviceOf = (setting: Setting) =>
    createDatabaseService({
      ...(setting === 'all three URLs' ? { direct, session, transaction } : { direct, transaction }),
      onWarning: () => {},
    });
  const services = new Map(SETTINGS.map((setting) => [setting, serviceOf(setting)]));
  const all = new Map<Setting, Measured[]>(SETTINGS.map((setting) => [setting, []]));
  try {
    // Round 0 is not measured: it opens the connections.
    for (let round = 0; round <= rounds; round++) {
      for (const setting of rotated(SETTINGS, round)) {
        output.progress(`round ${round} of ${rounds}: ${setting}`);
        const measured = await measure(services.get(setting)!);
        await using cold = serviceOf(setting);
        const firstMs = await timeOfWrites(cold);
        if (round > 0) all.get(setting)!.push({ ...measured, firstMs });
      }
    }
  } finally {
    await Promise.all([...services.values()].map((db) => db.close()));
  }
  report(all, output);
}

const ME = user({ sub: '00000000-0000-4000-8000-000000000001' });

async function measure(db: ConsolidatedDatabaseService): Promise<Omit<Measured, 'firstMs'>> {
  const writes = timeOfWrites(db);
  const startMs = await startOfTransaction(db.as(ME));
  return { writesMs: await writes, startMs };
}

async function timeOfWrites(db: ConsolidatedDatabaseService): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: WRITES }, () => db.as(ME).rpc('slow_write')));
  return performance.now() - startedAt;
}

async function startOfTransaction(mine: DatabaseHandle): Promise<number> {
  const begunAt = performance.now();
  return mine.transaction(async (tx) => {
    await tx.sql`select 1`;
    return performance.now() - begunAt;
  });
}

function report(all: ReadonlyMap<Setting, readonly Measured[]>, output: Output): void {
  const medians = (pick: (one: Measured) => number) =>
    SETTINGS.map((setting) => median(all.get(setting)!.map(pick))) as [number, number];
  const writes = medians(({ writesMs }) => writesMs);
  const starts = medians(({ startMs }) => startMs);
  const firsts = medians(({ firstMs }) => firstMs);
  const ratio = writes[0] / writes[1];
  const firstRatio = firsts[0] / firsts[1];
  const titles = [...SETTINGS, 'ratio'].map((title) => ({ title, align: 'right' as const }));
  const rows = [
    [`ms for ${WRITES} writes of ${WRITE_MS} ms`, ...writes.map(readable), ratio.toFixed(2)],
    ['the same as the first calls of a service', ...firsts.map(readable), firstRatio.toFixed(2)],
    [
      'ms until a transaction begun among them answers',
      ...starts.map(readable),
      (starts[0] / starts[1]).toFixed(2),
    ],
  ];
  for (const line of textTable([{ title: '', align: 'left' }, ...titles], rows)) output.line(line);
  output.line();
  const areMet = ratio <= WANTED_RATIO && firstRatio <= WANTED_RATIO;
  output.line(`wanted: ratios of at most ${WANTED_RATIO} for the writes: ${met(areMet)}`);
  output.line(`wanted: a start within ${WANTED_START_MS} ms: ${met(starts[0] <= WANTED_START_MS)}`);
}

function met(isMet: boolean): string {
  return isMet ? 'met' : 'missed';
}
