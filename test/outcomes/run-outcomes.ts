/**
 * The whole run, as a command:
 *
 *     npm run test:outcomes
 *     npm run test:outcomes -- --operations 2000 --json
 *     CDB_OUTCOMES_SEED=7 npm run test:outcomes
 *
 * It ends when that many operations were done and each cell of the table has its hits, and exits 0 only if nobody was
 * told anything wrong, all calls settled in time, no cell lacks hits and no mode has fewer boundaries than it had.
 */
import { parseArgs } from 'node:util';
import { findFullStack } from '../support/find-full-stack.ts';
import { OPERATION_KINDS } from '../support/journal/operation-kinds.ts';
import { tooFewBoundaries } from './chance.ts';
import { KNOWN_FAULTS } from './known-faults.ts';
import type { Plan } from './plan.ts';
import { playOutcomes } from './play.ts';
import { jsonOf, lackingOf, missingOf, summaryOf, tableOf, wrongsOf } from './report.ts';
import { seedOf } from './seed.ts';
import { startServers } from './servers.ts';

/** What the contract allows. */
const ALLOWED_LATE_MS = 250;

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '20000' },
    hits: { type: 'string', default: '20' },
    /** Ends after that many operations, whatever the cells have. */
    'no-more': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    again: { type: 'string' },
  },
});

const { stack, missing } = await findFullStack(process.env);
if (stack === undefined) throw new Error(missing);
const hits = Number(values.hits);
const seed = seedOf(process.env);
const again = values.again === undefined ? undefined : planOf(values.again);
const startedAt = performance.now();
if (!values.json) console.log(`seed ${seed} (CDB_OUTCOMES_SEED)`);

const servers = await startServers(stack);
const stop = (): void => void servers.close().finally(() => process.exit(130));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
try {
  const { tally, cells } = await playOutcomes({
    seed,
    hits,
    servers,
    allowedLateMs: ALLOWED_LATE_MS,
    operations: again === undefined || process.argv.includes('--operations') ? Number(values.operations) : 50,
    noMore: values['no-more'],
    ...(again !== undefined && { only: again }),
    onProgress: ({ operations, wrong, unsettled, latestMs }, { lacking, all }) => {
      if (values.json || !process.stdout.isTTY) return;
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      process.stdout.write(
        `\r\x1b[K${operations} operations in ${seconds} s, ${all.length - lacking.length} of ${all.length} cells full, ${wrong.length} wrong, ${unsettled} unsettled, latest ${latestMs.toFixed(0)} ms`,
      );
    },
  });
  const isPart = again !== undefined || values['no-more'];
  const isFull =
    cells.lacking.length === 0 && tooFewBoundaries((mode) => cells.boundariesOf(mode)).length === 0;
  if (values.json) console.log(JSON.stringify(jsonOf(tally, cells, hits), null, 2));
  else {
    const lacking = isPart ? [] : lackingOf(cells);
    const unseen = KNOWN_FAULTS.filter(({ what }) => !tally.known.has(what)).map(
      ({ what }) => `a known fault was not seen: ${what}`,
    );
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    console.log(
      [
        '',
        tableOf(cells),
        '',
        ...missingOf(cells),
        ...lacking,
        ...unseen,
        '',
        ...wrongsOf(tally),
        ...tally.uncaught.map((error) => `reached nobody: ${error}`),
        summaryOf(tally, cells),
        `${seconds} s`,
      ].join('\n'),
    );
  }
  process.exitCode = tally.wrong.length === 0 && tally.uncaught.length === 0 && (isPart || isFull) ? 0 : 1;
} finally {
  await servers.close();
}

function planOf(text: string): Plan {
  const { kind: name, ...plan } = JSON.parse(text) as Omit<Plan, 'kind'> & { readonly kind: string };
  const kind = OPERATION_KINDS.find((other) => other.name === name);
  if (kind === undefined) throw new Error(`There is no kind of operation '${name}'.`);
  return { ...plan, kind };
}
