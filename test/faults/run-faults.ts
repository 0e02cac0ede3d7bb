/** The whole run, as a command; see HELP. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findFullStack } from '../support/find-full-stack.ts';
import { FAULTS } from './all-faults.ts';
import { detailsOf, headOf, lineOf, summaryOf } from './fault-report.ts';
import type { FaultRow } from './fault-row.ts';
import { canStartServers, ownFaultServers } from './fault-servers.ts';
import { playFaults } from './play-faults.ts';

const HELP = `npm run test:faults [-- options]

Brings about each fault beneath a load of reads, writes and transactions over all ways to the database, and prints a table:
operations, how many the fault met, how many were told something wrong or had not settled in time, and how long it took
until nothing failed any more. Exits 0 only if every row holds.

  --only NAME        only the faults whose name contains this; may be given several times
  --operations N     at least so many for each fault (default 3500)
  --json FILE        writes the rows to a file
  --list             names the faults
  --help             this text

CDB_FAULTS_SEED=N repeats the random choices of a run, which prints its seed.
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    operations: { type: 'string', default: '3500' },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const faults = FAULTS.filter(
    ({ name }) => values.only.length === 0 || values.only.some((part) => name.includes(part)),
  );
  if (values.list) {
    for (const { name } of faults) console.log(name);
    return 0;
  }
  const operations = Number(values.operations);
  if (faults.length === 0)
    throw new Error(`There is no fault whose name contains '${values.only.join("' or '")}'.`);
  if (!(Number.isInteger(operations) && operations > 0))
    throw new Error('--operations is a whole number above 0.');
  const { stack, missing } = await findFullStack(process.env);
  if (stack === undefined) throw new Error(missing);
  if (!canStartServers(stack)) {
    throw new Error(
      'The faults kill servers, and those that the environment names are not for a test to kill.',
    );
  }
  const seed = Number(process.env.CDB_FAULTS_SEED ?? Date.now() % 1_000_000);
  console.log(`seed ${seed} (CDB_FAULTS_SEED)`);
  const servers = await ownFaultServers();
  const stop = (): void => void servers.close().finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const width = Math.max(...faults.map(({ name }) => name.length));
    console.log(headOf(width));
    let begun = 0;
    const rows = await playFaults({
      faults,
      servers,
      seed,
      operations,
      onBegin: ({ name }) => {
        begun++;
        if (process.stdout.isTTY) process.stdout.write(`${begun} of ${faults.length}: ${name} …`);
      },
      onRow: (row) => {
        if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
        console.log(lineOf(row, width));
      },
    });
    console.log(['', ...detailsOf(rows), '', summaryOf(rows, seed)].join('\n'));
    if (values.json !== undefined)
      writeFileSync(values.json, `${JSON.stringify({ seed, rows }, undefined, 2)}\n`);
    return rows.every((row: FaultRow) => row.broken.length === 0) ? 0 : 1;
  } finally {
    await servers.close();
  }
}
