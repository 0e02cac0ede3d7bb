import { readFile, writeFile } from 'node:fs/promises';
import { defineCommand } from 'citty';
import { terminalOutput } from '../../src/bench/run-output.ts';
import { checkArguments } from '../../src/cli/check-arguments.ts';
import { ValidationError } from '../../src/contract/errors.ts';
import { endingClearly } from '../command-line.ts';
import { assertFullStack } from '../database.ts';
import { compareSuites, rowsOfRun } from './compare.ts';
import { reportPage } from './html/report-page.ts';
import { parseSuiteOptions } from './options.ts';
import { changeLines, verdictLines } from './report.ts';
import { runSuite } from './run.ts';
import type { SuiteRow } from './suite-row.ts';
import { judgeSuite } from './wanted.ts';

const args = {
  plot: {
    type: 'string',
    valueHint: 'NAMES',
    description:
      'work (all of it), what changes with concurrency, network, rows, users, processes, and the recall of searches (all; --quick has the first two)',
  },
  case: {
    type: 'string',
    valueHint: 'NAMES',
    description:
      'select, select-again, list, insert, bulk-insert, vector-search, rpc, transaction, page (several with commas; all)',
  },
  contender: {
    type: 'string',
    valueHint: 'NAMES',
    description:
      'consolidated-db, named-pooled, per-call, postgres.js, pg, drizzle, kysely, prisma, supabase-server, supabase-js, raw-socket, pgbench (all that are here)',
  },
  'supabase-url': {
    type: 'string',
    valueHint: 'URL',
    description:
      'of a Data API for supabase-js, whose database has the tables of `npm run bench -- tables`; its keys are read from CDB_BENCH_SUPABASE_KEY and CDB_BENCH_SUPABASE_JWT_SECRET',
  },
  mode: { type: 'string', valueHint: 'NAMES', description: 'direct, transaction (all)' },
  rows: {
    type: 'string',
    valueHint: 'N',
    description: 'rows that most of it works on, and as many vectors (100000)',
  },
  rounds: { type: 'string', valueHint: 'N', description: 'rounds in which each contender has a turn (5)' },
  seconds: { type: 'string', valueHint: 'S', description: 'seconds per turn (0.35)' },
  quick: {
    type: 'boolean',
    description: 'a small plan, 3 rounds of 0.15 s: a quick look, not a measurement',
  },
  report: {
    type: 'string',
    valueHint: 'FILE',
    description: 'write a page with tables and plots to this file: HTML that needs nothing else',
  },
  compare: {
    type: 'string',
    valueHint: 'FILE',
    description:
      'tell what became slower since the run that wrote this file by --json, and exit with 1 if anything did',
  },
  assert: { type: 'boolean', description: 'exit with 1 unless every wanted ratio was measured and met' },
  json: {
    type: 'string',
    valueHint: 'FILE',
    description: 'write the rows of the tables to this file as JSON',
  },
} as const;

export const suiteCommand = defineCommand({
  meta: {
    name: 'suite',
    description:
      'The work of an application, as users under row level security: this package, other ways to do it, and how each grows with users, rows, network and processes',
  },
  args,
  run: (context) =>
    endingClearly(async () => {
      checkArguments(args, context.rawArgs);
      const options = parseSuiteOptions(context.args);
      assertFullStack();
      const before = options.compareFile === undefined ? undefined : await earlierRows(options.compareFile);
      const output = terminalOutput();
      const run = await runSuite(options, output);
      const rows = run.results.flatMap((result) => result.rows);
      if (options.jsonFile !== undefined) {
        await writeFile(
          options.jsonFile,
          `${JSON.stringify({ ...run, contenders: undefined, results: undefined, rows }, undefined, 2)}\n`,
        );
        output.line(`\n${rows.length} rows written to ${options.jsonFile}`);
      }
      const verdicts = judgeSuite(run);
      for (const text of verdictLines(verdicts)) output.line(text);
      if (options.reportFile !== undefined) {
        await writeFile(options.reportFile, reportPage({ ...run, verdicts }));
        output.line(`The page is written to ${options.reportFile}`);
      }
      if (before !== undefined) {
        const changes = compareSuites(before, rows);
        for (const text of changeLines(changes)) output.line(text);
        if (changes.some(({ verdict }) => verdict === 'slower')) process.exitCode = 1;
      }
      if (options.assert && !verdicts.every(({ kept }) => kept)) process.exitCode = 1;
    }),
});

async function earlierRows(file: string): Promise<readonly SuiteRow[]> {
  try {
    return rowsOfRun(file, await readFile(file, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ValidationError(`--compare must be a file that --json has written. ${why}`);
  }
}
