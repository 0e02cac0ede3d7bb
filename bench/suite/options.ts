import { oneOrMore, positiveNumber, wholeNumber } from '../../src/cli/option-values.ts';
import type { BenchMode } from '../contender.ts';
import { CASES, type CaseName, CONTENDER_NAMES, type ContenderName } from './contender.ts';
import { type DataApi, dataApiAt } from './data-api.ts';
import { PLOTS, type PlotName } from './group.ts';

export interface SuiteOptions {
  readonly isQuick: boolean;
  readonly rows: number;
  readonly plots: readonly PlotName[];
  readonly cases: readonly CaseName[];
  readonly contenders: readonly ContenderName[];
  /** Whether they were asked for by their names. */
  readonly contendersAreNamed: boolean;
  readonly dataApi: DataApi | undefined;
  readonly modes: readonly BenchMode[];
  readonly rounds: number;
  readonly sliceMs: number;
  readonly warmUpMs: number;
  readonly jsonFile: string | undefined;
  readonly reportFile: string | undefined;
  readonly compareFile: string | undefined;
  readonly assert: boolean;
}

/** As they come from the command line: text, lists with commas. */
export interface SuiteArguments {
  readonly plot?: string | undefined;
  readonly case?: string | undefined;
  readonly contender?: string | undefined;
  readonly 'supabase-url'?: string | undefined;
  readonly mode?: string | undefined;
  readonly rows?: string | undefined;
  readonly rounds?: string | undefined;
  readonly seconds?: string | undefined;
  readonly quick?: boolean | undefined;
  readonly json?: string | undefined;
  readonly report?: string | undefined;
  readonly compare?: string | undefined;
  readonly assert?: boolean | undefined;
}

const MODES: readonly BenchMode[] = ['direct', 'transaction'];
const FULL = { rows: 100_000, rounds: 5, seconds: 0.35, warmUpSeconds: 0.8 };
const QUICK = { rows: 10_000, rounds: 3, seconds: 0.15, warmUpSeconds: 0.3 };

/** Throws a `CommandLineError` that names the option, its value and what is allowed. */
export function parseSuiteOptions(
  args: SuiteArguments,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): SuiteOptions {
  const isQuick = args.quick === true;
  const defaults = isQuick ? QUICK : FULL;
  const rows = wholeNumber('--rows', args.rows, defaults.rows);
  return {
    isQuick,
    rows,
    plots: oneOrMore('--plot', args.plot, PLOTS),
    cases: oneOrMore('--case', args.case, CASES),
    contenders: oneOrMore('--contender', args.contender, CONTENDER_NAMES),
    contendersAreNamed: args.contender !== undefined,
    dataApi: dataApiAt(args['supabase-url'], rows, environment),
    modes: oneOrMore('--mode', args.mode, MODES),
    rounds: wholeNumber('--rounds', args.rounds, defaults.rounds),
    sliceMs: positiveNumber('--seconds', args.seconds, defaults.seconds) * 1e3,
    warmUpMs: defaults.warmUpSeconds * 1e3,
    jsonFile: args.json,
    reportFile: args.report,
    compareFile: args.compare,
    assert: args.assert === true,
  };
}
