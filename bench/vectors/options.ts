import { oneOrMore, wholeNumber } from '../../src/cli/option-values.ts';
import { ValidationError } from '../../src/contract/errors.ts';
import type { BenchMode } from '../contender.ts';
import { VECTOR_CONTENDERS, type VectorContenderName } from './contender.ts';
import { DATA_NAMES, type DataName } from './data-source.ts';
import { LAYOUTS, type Layout, SELECTIVITIES, type Selectivity } from './search-set.ts';
import { MOST_ROWS } from './truth.ts';

export interface VectorOptions {
  /** `undefined`: what there is. */
  readonly data: readonly DataName[] | undefined;
  readonly words: string | undefined;
  readonly rows: number;
  readonly modes: readonly BenchMode[];
  readonly selectivities: readonly Selectivity[];
  readonly layouts: readonly Layout[];
  readonly limits: readonly number[];
  readonly contenders: readonly VectorContenderName[];
  readonly rounds: number;
  readonly queries: number;
  readonly jsonFile: string | undefined;
  readonly picturesFolder: string | undefined;
}

/** As they come from the command line: text, lists with commas. */
export interface VectorArguments {
  readonly data?: string | undefined;
  readonly words?: string | undefined;
  readonly rows?: string | undefined;
  readonly mode?: string | undefined;
  readonly selectivity?: string | undefined;
  readonly layout?: string | undefined;
  readonly limit?: string | undefined;
  readonly contender?: string | undefined;
  readonly rounds?: string | undefined;
  readonly queries?: string | undefined;
  readonly quick?: boolean | undefined;
  readonly json?: string | undefined;
  readonly pictures?: string | undefined;
}

const MODES: readonly BenchMode[] = ['direct', 'transaction'];
const LIMITS: readonly number[] = [10, 100, 1_000];
const FULL = { rows: 100_000, rounds: 5, queries: 100 };
const QUICK = { rows: 10_000, rounds: 3, queries: 30 };
/** So that one per cent of them are some rows. */
const LEAST_ROWS = 300;

/** Throws a `ValidationError` that names the option, its value and what is allowed. */
export function parseVectorOptions(args: VectorArguments): VectorOptions {
  const defaults = args.quick === true ? QUICK : FULL;
  const rounds = wholeNumber('--rounds', args.rounds, defaults.rounds);
  const queries = wholeNumber('--queries', args.queries, Math.max(rounds, defaults.queries));
  if (queries < rounds) {
    throw new ValidationError(
      `--queries must be at least one for each of the ${rounds} rounds. It was ${queries}.`,
    );
  }
  const rows = wholeNumber('--rows', args.rows, defaults.rows);
  if (rows < LEAST_ROWS) {
    throw new ValidationError(`--rows must be at least ${LEAST_ROWS}. It was ${rows}.`);
  }
  return {
    data: args.data === undefined ? undefined : oneOrMore('--data', args.data, DATA_NAMES),
    words: args.words,
    rows,
    modes: oneOrMore('--mode', args.mode, MODES),
    selectivities: oneOrMore('--selectivity', args.selectivity, SELECTIVITIES),
    layouts: oneOrMore('--layout', args.layout, LAYOUTS),
    limits: args.limit === undefined ? LIMITS : [...new Set(args.limit.split(',').map(limit))],
    contenders: oneOrMore('--contender', args.contender, VECTOR_CONTENDERS),
    rounds,
    queries,
    jsonFile: args.json,
    picturesFolder: args.pictures,
  };
}

function limit(given: string): number {
  const value = Number(given);
  if (given.trim() !== '' && Number.isInteger(value) && value >= 1 && value <= MOST_ROWS) return value;
  throw new ValidationError(
    `--limit must be a whole number from 1 to ${MOST_ROWS}. It was ${JSON.stringify(given)}.`,
  );
}
