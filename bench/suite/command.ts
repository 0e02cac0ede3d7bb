import { writeFile } from 'node:fs/promises';
import { defineCommand } from 'citty';
import { checkArguments } from '../../src/cli/check-arguments.ts';
import { endingClearly } from '../command-line.ts';
import { assertFullStack } from '../database.ts';
import { terminalOutput } from '../output.ts';
import { suiteContenders } from './contenders/all.ts';
import { reportPage } from './html/report-page.ts';
import { parseSuiteOptions } from './options.ts';
import { verdictLines } from './report.ts';
import { runSuite } from './run.ts';
import { judgeSuite } from './wanted.ts';

const args = {
  case: {
    type: 'string',
    valueHint: 'NAMES',
    description:
      'select, select-again, list, insert, bulk-insert, vector-search, rpc, transaction, page (several with commas; all)',
  },
  contender: {
    type: 'string',
    valueHint: 'NAMES',
    description: 'consolidated-db, named-pooled, per-call, postgres.js, pg, drizzle, kysely (all)',
  },
  mode: { type: 'string', valueHint: 'NAMES', description: 'direct, transaction (all)' },
  rounds: { type: 'string', valueHint: 'N', description: 'rounds in which each contender has a turn (7)' },
  seconds: { type: 'string', valueHint: 'S', description: 'seconds per turn (0.7)' },
  quick: { type: 'boolean', description: 'a small plan, 3 rounds of 0.2 s: a quick look, not a measurement' },
  report: {
    type: 'string',
    valueHint: 'FILE',
    description: 'write a page with tables and plots to this file: HTML that needs nothing else',
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
      const output = terminalOutput();
      const run = await runSuite(options, output);
      if (options.jsonFile !== undefined) {
        const rows = run.results.flatMap((result) => result.rows);
        await writeFile(
          options.jsonFile,
          `${JSON.stringify({ ...run, results: undefined, rows }, undefined, 2)}\n`,
        );
        output.line(`\n${rows.length} rows written to ${options.jsonFile}`);
      }
      const verdicts = judgeSuite(run.results);
      for (const text of verdictLines(verdicts)) output.line(text);
      if (options.reportFile !== undefined) {
        const contenders = suiteContenders(options.contenders);
        await writeFile(options.reportFile, reportPage({ ...run, contenders, verdicts }));
        output.line(`The page is written to ${options.reportFile}`);
      }
      if (options.assert && !verdicts.every(({ kept }) => kept)) process.exitCode = 1;
    }),
});
