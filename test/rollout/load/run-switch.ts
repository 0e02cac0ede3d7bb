import { parseArgs } from 'node:util';
import type { JudgedPhase } from './judged-phases.ts';
import { FAULTS } from './phases.ts';
import { playRun, type Run } from './play-run.ts';

const HELP = `The switch under load, on the full stack: two processes of an API, behind a rollout between a service over a fake Data API and
this one, and many users who call both. The flag goes to 0, 50 and 100 %, the kill switch is thrown, and so on in any order. Then
the consolidated side is made slow, cut off (alone, and with its flag) and wrong, one after the other: the guard has to send traffic back, and only a reset
lets it return. Once with the flag in a table, once in a file.

  npm run test:switch
  npm run test:switch -- --seconds 20 --seed 7 --json

  --seconds N      of changes of the flag, for each of its places (default 60, at least 10)
  --connections N  to each process, each with one request at a time (default 8)
  --seed S         repeats the changes, the users and their requests (default: another one each time)
  --json           prints the report as JSON
  --help           this text

It exits with 0 if no request failed but by a planted fault, none went to the wrong side later than a second after a
change, no user was moved, and no trip of a traveller was lost or made twice; with 1 if not; with 2 if an option is wrong. Run it on
an idle machine: one that is busy is late by itself.`;

const WITHIN_MS = 1_000;
const HOLD_MS = 2_000;

interface Options {
  readonly seconds: number;
  readonly connections: number;
  readonly seed: number;
  readonly isJson: boolean;
}

const options = optionsOf(process.argv.slice(2));
if (typeof options === 'string') console.log(options);
else process.exitCode = await run(options);

/** A text where that is all. */
function optionsOf(args: string[]): Options | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seconds: { type: 'string', default: '60' },
        connections: { type: 'string', default: '8' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return HELP;
    return {
      seconds: wholeNumber('seconds', values.seconds, 10),
      connections: wholeNumber('connections', values.connections, 1),
      seed: wholeNumber('seed', values.seed, 0),
      isJson: values.json,
    };
  } catch (error) {
    process.exitCode = 2;
    return error instanceof Error ? error.message : String(error);
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`The option '--${name}' must be a whole number from ${least}. It was '${text}'.`);
}

async function run({ seconds, connections, seed, isJson }: Options): Promise<number> {
  const runs: { readonly flag: string; readonly run: Run }[] = [];
  for (const flag of ['table', 'file'] as const) {
    if (!isJson) console.log(`The flag in a ${flag}, with --seed ${seed}`);
    const run = await playRun({
      ...{ flag, connections, seed, faults: FAULTS, guard: {} },
      pace: { settledWithinMs: WITHIN_MS, holdMs: HOLD_MS, answers: 40 },
      changes: Math.ceil((seconds * 1_000) / HOLD_MS),
    });
    runs.push({ flag, run });
    if (!isJson) console.log(textOf(run));
  }
  if (isJson)
    console.log(JSON.stringify({ seed, runs: runs.map(({ flag, run }) => ({ flag, ...told(run) })) }));
  return runs.some(({ run }) => run.broken.length > 0) ? 1 : 0;
}

function told({ phases, ...run }: Run): object {
  const counted = phases.map(({ wrong, failed, ...phase }) => ({
    ...{ ...phase, wrong: wrong.length, failed: failed.length },
  }));
  return { ...run, phases: counted };
}

function textOf({ phases, answers, made, broken }: Run): string {
  const rows = phases.map(
    ({ name, legacy, consolidated, latestMs, wrong, failed, met }: JudgedPhase) =>
      `${name.padEnd(24)}${cells(legacy, consolidated, met, failed.length, wrong.length, latestMs)}`,
  );
  return [
    `${' '.repeat(24)}${cells('legacy', 'consolidated', 'by the fault', 'failed', 'wrong side', 'latest ms')}`,
    ...rows,
    `${answers} answers, ${made} trips made`,
    ...broken,
    '',
  ].join('\n');
}

function cells(...values: (string | number)[]): string {
  return values.map((value) => String(value).padStart(14)).join('');
}
