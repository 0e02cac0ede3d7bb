import { readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { defineCommand } from 'citty';
import { describeCause } from '../bench/bench-failure.ts';
import {
  benchGroup,
  benchJson,
  compareBenchRuns,
  type EarlierRun,
  readBenchJson,
} from '../bench/bench-file.ts';
import { type Change, FEWEST_ROUNDS } from '../bench/compare-runs.ts';
import { type Bench, isBench, MOST_ROUNDS, MOST_SECONDS } from '../bench/define-bench.ts';
import { benchPage } from '../bench/html/bench-page.ts';
import { type BenchRun, type CaseResult, runBench } from '../bench/run-bench.ts';
import { terminalOutput } from '../bench/run-output.ts';
import { changeTable, comparisonLines } from '../bench/text-report.ts';
import { UsageError } from '../contract/errors.ts';
import { jsonArg } from './admin-session.ts';
import { defaultExport, isFile } from './default-export.ts';
import { CommandLineError, EXIT, InterruptedError } from './exit-code.ts';
import { oneOrMore, positiveNumber, wholeNumber } from './option-values.ts';
import { printJson } from './output.ts';

const NEVER_SETTLED =
  'Nothing is under way any more, but a way, a check, an open or a close of the bench returned a promise that never settled.';
const CONFIGS = ['bench.config.ts', 'bench.config.mjs', 'bench.config.js'];

export const bench = defineCommand({
  meta: {
    name: 'bench',
    description:
      'Measure your own queries in several ways, side by side. The file is a module whose default export is made by defineBench of consolidated-db/bench; it is run, and what its ways write stays written. With --compare, exits with 1 if the baseline became slower against the other ways',
  },
  args: {
    config: {
      type: 'string',
      valueHint: 'file',
      description: `The file of the bench (${CONFIGS.join(', ')})`,
    },
    case: { type: 'string', valueHint: 'names', description: 'Only these cases, separated by commas' },
    rounds: {
      type: 'string',
      valueHint: 'count',
      description: 'Rounds in which each way has a turn (those of the file)',
    },
    seconds: { type: 'string', valueHint: 'seconds', description: 'Seconds per turn (those of the file)' },
    report: {
      type: 'string',
      valueHint: 'file',
      description: 'Write a page with tables and plots to this file: HTML that needs nothing else',
    },
    compare: {
      type: 'string',
      valueHint: 'file',
      description:
        'Tell whether the baseline became slower, against the other ways, since the run whose --json is in this file, and exit with 1 if it did',
    },
    ...jsonArg,
  },
  async run({ args }) {
    const quietly = args.json ? withoutStandardOutput : now;
    const chosen = await quietly(() => chosenBench(args));
    const earlier = args.compare === undefined ? undefined : await earlierRun(args.compare, chosen);
    if (args.report !== undefined) await assertWritable(args.report);
    const output = terminalOutput();
    const run = await quietly(() =>
      interruptible((signal) =>
        runBench(chosen, {
          signal,
          onProgress: (text) => output.progress(text),
          onWarning: (text) => output.warning(text),
          onResult: (result) => {
            if (!args.json) for (const line of resultLines(result)) output.line(line);
          },
        }),
      ),
    ).finally(() => output.progress(''));
    if (args.report !== undefined) await writeFile(args.report, benchPage(run));
    const changes = earlier === undefined ? undefined : compareBenchRuns(earlier, run);
    if (args.json) printJson({ ...benchJson(run), ...(changes !== undefined && { changes }) });
    else for (const line of closingLines(run, args.report)) output.line(line);
    if (changes === undefined) return EXIT.ok;
    // Ways that only one of the two runs has can leave nothing: that is not the same as no difference.
    if (changes.length === 0) throw new CommandLineError(`Nothing could be compared with '${args.compare}'.`);
    if (!args.json) {
      for (const line of changeLines(changes, args.compare ?? '')) output.line(line);
    }
    return changes.some(({ verdict }) => verdict === 'slower') ? EXIT.failure : EXIT.ok;
  },
});

const now = <T>(work: () => Promise<T>): Promise<T> => work();

/** What code of the bench prints goes to standard error, so that the JSON stands alone. */
async function withoutStandardOutput<T>(work: () => Promise<T>): Promise<T> {
  const { write } = process.stdout;
  process.stdout.write = process.stderr.write.bind(process.stderr);
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
}

interface BenchArguments {
  readonly config?: string | undefined;
  readonly case?: string | undefined;
  readonly rounds?: string | undefined;
  readonly seconds?: string | undefined;
}

/** The bench of the file, as the command line wants it. */
async function chosenBench(args: BenchArguments): Promise<Bench> {
  const found = await benchOf(args.config ?? (await defaultConfig()));
  const names = oneOrMore(
    '--case',
    args.case,
    found.cases.map(({ name }) => name),
  );
  return {
    ...found,
    cases: found.cases.filter(({ name }) => names.includes(name)),
    rounds: atMost('--rounds', MOST_ROUNDS, wholeNumber('--rounds', args.rounds, found.rounds)),
    seconds: atMost('--seconds', MOST_SECONDS, positiveNumber('--seconds', args.seconds, found.seconds)),
  };
}

/** What the file may not say, the command line may not either. */
function atMost(option: string, most: number, value: number): number {
  if (value <= most) return value;
  throw new CommandLineError(`${option} must be at most ${most}. It was ${value}.`);
}

async function defaultConfig(): Promise<string> {
  for (const name of CONFIGS) if (await isFile(name)) return name;
  throw new CommandLineError(
    `There is no ${CONFIGS.join(', ')} in this folder.`,
    "Name the file with --config. It exports 'defineBench({ … })' of consolidated-db/bench by default.",
  );
}

async function benchOf(file: string): Promise<Bench> {
  const exported = await defaultExport(file).catch((error: unknown) => {
    if (error instanceof CommandLineError) throw error;
    if (error instanceof UsageError && error.code === 'INVALID_BENCH')
      throw new CommandLineError(error.message);
    // Its message may hold anything that the file reads, secrets too.
    throw new CommandLineError(
      `'${file}' could not be loaded: ${describeCause(error)}`,
      `'node ${file}' says more.`,
    );
  });
  if (isBench(exported)) return exported;
  throw new CommandLineError(
    `The default export of '${file}' is no bench.`,
    "It is made by defineBench of consolidated-db/bench: 'export default defineBench({ … });'.",
  );
}

/** Read before anything is measured, so that hours end in a comparison. */
async function earlierRun(file: string, { cases, concurrency, rounds }: Bench): Promise<EarlierRun> {
  if (!(await isFile(file))) throw new CommandLineError(`There is no file '${file}'.`);
  const earlier = readBenchJson(await readFile(file, 'utf8'));
  if (earlier === undefined) {
    throw new CommandLineError(
      `--compare must be a file with the output of 'cdb bench --json'. '${file}' is not.`,
    );
  }
  if (rounds < FEWEST_ROUNDS || earlier.rows.some((row) => row.rounds.length < FEWEST_ROUNDS)) {
    throw new CommandLineError(`--compare needs ${FEWEST_ROUNDS} rounds at least, in both runs.`);
  }
  const comparable = cases.some(({ name, ways, baseline }) => {
    const had = (way: string) =>
      concurrency.some((tasks) => {
        const group = benchGroup({ case: name, tasks });
        return earlier.rows.some((row) => benchGroup(row) === group && row.contender === way);
      });
    return had(baseline) && (ways.size === 1 || [...ways.keys()].some((way) => way !== baseline && had(way)));
  });
  if (!comparable) throw new CommandLineError(`'${file}' and this run have no case and ways in common.`);
  return earlier;
}

/** Before minutes of measuring. */
async function assertWritable(file: string): Promise<void> {
  const isFolder = (path: string) =>
    stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
  if ((await isFolder(dirname(file))) && !(await isFolder(file))) return;
  throw new CommandLineError(`--report must be a file in a folder that is there. It was '${file}'.`);
}

/**
 * The first signal lets the calls under way end, and closes everything. The second one ends the process. What never ends, or ends
 * the process itself, is a failure: a script must not take it for a run.
 */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const unsettled = Promise.withResolvers<never>();
  const unwatch = () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  const stop = () => {
    unwatch();
    process.stderr.write('Waiting for the calls under way. The next signal ends the process at once.\n');
    controller.abort(new InterruptedError('Interrupted. Everything was closed, and no report was written.'));
  };
  const drained = () => unsettled.reject(new Error(NEVER_SETTLED));
  const exiting = (code: number) => {
    if (code !== EXIT.ok) return;
    process.stderr.write('cdb: Code of the bench ended the process before everything was measured.\n');
    process.exitCode = EXIT.failure;
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('beforeExit', drained);
  process.on('exit', exiting);
  try {
    return await Promise.race([work(controller.signal), unsettled.promise]);
  } finally {
    unwatch();
    process.off('beforeExit', drained);
    process.off('exit', exiting);
  }
}

function resultLines({ measured, tasks, rows }: CaseResult): string[] {
  return [
    ...comparisonLines({
      title: `${measured.name} · ${tasks} at a time`,
      about: measured.about,
      rows,
      baseline: measured.baseline,
      ratioTitle: `${measured.baseline} is`,
    }),
    '',
  ];
}

function changeLines(changes: readonly Change[], file: string): string[] {
  const title = `\nCompared ${changes.length} figures with the run of ${file}`;
  if (changes.every(({ verdict }) => verdict === 'no difference')) {
    return [`${title}: no difference beyond the noise.`];
  }
  return [
    `${title}:`,
    ...changeTable(changes),
    'Each is a baseline against the other ways of its run, where it has any: “faster” may mean that they became slower.',
  ];
}

function closingLines({ facts, bench: { contenders } }: BenchRun, report: string | undefined): string[] {
  const recipes = [...contenders].filter(([, { recipe }]) => recipe !== '');
  return [
    ...recipes.map(([name, { recipe }]) => `${name}: ${recipe}`),
    ...facts,
    ...(report === undefined ? [] : [`The page is written to ${report}`]),
  ];
}
