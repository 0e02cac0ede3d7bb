import { oneOrMore, positiveNumber, wholeNumber } from '../../src/cli/option-values.ts';
import { ValidationError } from '../../src/contract/errors.ts';
import { type BenchMode, COMPARED, CONTENDER_NAMES, type ContenderName } from '../contender.ts';
import { CASES, type CaseName, DELAYS_MS } from './group.ts';

export interface BatchOptions {
  readonly cases: readonly CaseName[];
  readonly modes: readonly BenchMode[];
  readonly delaysMs: readonly number[];
  readonly contenders: readonly ContenderName[];
  readonly rounds: number;
  readonly sliceMs: number;
  /**
   * Before the first rounds of each case in each mode: the benchmark measures a server that has run for hours, not one whose
   * code is still being compiled, which takes tens of thousands of calls.
   */
  readonly warmUpMs: number;
  readonly jsonFile: string | undefined;
  readonly assert: boolean;
}

/** As they come from the command line: text, lists with commas. */
export interface BatchArguments {
  readonly case?: string | undefined;
  readonly mode?: string | undefined;
  readonly delay?: string | undefined;
  readonly contender?: string | undefined;
  readonly rounds?: string | undefined;
  readonly seconds?: string | undefined;
  readonly 'warm-up'?: string | undefined;
  readonly json?: string | undefined;
  readonly quick?: boolean | undefined;
  readonly assert?: boolean | undefined;
}

const MODES: readonly BenchMode[] = ['direct', 'transaction'];
const FULL = { rounds: 7, seconds: 1, warmUpSeconds: 5 };
const QUICK = { rounds: 3, seconds: 0.3, warmUpSeconds: 0.3 };

/** Throws a `CommandLineError` that names the option, its value and what is allowed. */
export function parseBatchOptions(args: BatchArguments): BatchOptions {
  const defaults = args.quick === true ? QUICK : FULL;
  const seconds = positiveNumber('--seconds', args.seconds, defaults.seconds);
  const rounds = wholeNumber('--rounds', args.rounds, defaults.rounds);
  return {
    cases: oneOrMore('--case', args.case, CASES),
    modes: oneOrMore('--mode', args.mode, MODES),
    delaysMs: args.delay === undefined ? DELAYS_MS : args.delay.split(',').map(delay),
    contenders:
      args.contender === undefined ? COMPARED : oneOrMore('--contender', args.contender, CONTENDER_NAMES),
    rounds,
    sliceMs: seconds * 1e3,
    warmUpMs: positiveNumber('--warm-up', args['warm-up'], defaults.warmUpSeconds) * 1e3,
    jsonFile: args.json,
    assert: args.assert === true,
  };
}

function delay(given: string): number {
  const value = Number(given);
  if (given.trim() !== '' && Number.isFinite(value) && value >= 0 && value <= 1_000) return value;
  throw new ValidationError(
    `--delay must be a number of milliseconds from 0 to 1000. It was ${JSON.stringify(given)}.`,
  );
}
