import { parseArgs } from 'node:util';
import { createDatabaseService, tableFlag } from '../../src/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import { compareUnderWrites, SQL, USERS } from './compare-under-writes.ts';
import { twoProcesses } from './two-processes.ts';
import { tokenOf } from './user-token.ts';

const HELP = `The long run of the rollout, on the full stack: comparisons of reads while others write to the same rows, and the kill
switch, thrown again and again on the traffic of two processes.

  npm run test:rollout
  npm run test:rollout -- --reads 1000 --switches 5 --seed 7

  --reads N      reads that are compared (default 10000)
  --switches N   how often the switch is thrown (default 20)
  --seed S       repeats the reads and writes of a run (default: another one each time)
  --help         this text

It exits 0 only if no difference was found, and no call went to the consolidated side later than a second after the switch. Run it
on an idle machine: one that is busy is late by itself.`;

const { values } = parseArgs({
  options: {
    reads: { type: 'string', default: '10000' },
    switches: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
});

const WITHIN_MS = 1_000;

if (values.help) console.log(HELP);
else process.exitCode = (await run()) ? 0 : 1;

async function run(): Promise<boolean> {
  const database = await createTestDatabase({ migrated: true, sql: `${OWN_SCHEMA}\n${SQL}` });
  try {
    const isRight = await comparisons(database);
    return (await switches(database)) && isRight;
  } finally {
    await database.drop();
  }
}

async function comparisons(database: TestDatabase): Promise<boolean> {
  const [reads, seed] = [wholeNumber('reads'), wholeNumber('seed')];
  console.log(`${reads} reads, compared while others write, with --seed ${seed}`);
  const { counts, differences } = await compareUnderWrites(database, { reads, seed });
  console.log(counts);
  for (const difference of differences) console.log('a false difference:', JSON.stringify(difference));
  return differences.length === 0 && counts.failed === 0;
}

async function switches({ user, service }: TestDatabase): Promise<boolean> {
  const times = wholeNumber('switches');
  console.log(`the switch, thrown ${times} times`);
  await using db = createDatabaseService({ ...user, service, onWarning: () => {} });
  const flag = tableFlag(db, 'long run');
  await flag.set({ percentage: 100 });
  await using processes = twoProcesses({
    ...{ urls: { ...user, service }, flag: { table: 'long run' }, guard: { slowMarginMs: 60_000 } },
    tokens: await Promise.all(USERS.map(tokenOf)),
  });
  const late: number[] = [];
  const failures: string[] = [];
  for (let n = 0; n < times; n++) {
    await flag.set({ percentage: 100 });
    while (!(await processes.ask({})).every(({ killed, calls }) => !killed && calls.consolidated > 0))
      await pause(50);
    const thrownAt = Date.now();
    await flag.set({ percentage: 100, killed: true });
    await pause(WITHIN_MS * 2);
    for (const report of await processes.ask({ clear: true })) {
      late.push(Math.max(0, report.lastAt.consolidated - thrownAt));
      failures.push(...report.failures);
    }
  }
  const latest = Math.max(...late);
  console.log(
    `the last call on the consolidated side came ${latest} ms after the switch; ${failures.length} calls failed`,
  );
  for (const failure of failures.slice(0, 10)) console.log(failure);
  return latest <= WITHIN_MS && failures.length === 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function wholeNumber(name: 'reads' | 'switches' | 'seed'): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new Error(`The option '--${name}' must be a whole number from 0. It was '${values[name]}'.`);
}
