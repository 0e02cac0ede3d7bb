import { UsageError, ValidationError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import { wholeNumber } from '../compile/check-options.ts';
import { didYouMean, shown } from '../compile/did-you-mean.ts';
import { isPlainObject } from '../values/plain-object.ts';

/** How two lists become one, by reciprocal rank fusion: a row's score is the sum of weight / (rankConstant + place). */
export interface FusionOptions {
  /** Of each list. @defaultValue 1 */
  readonly weights?: { readonly text?: number | undefined; readonly vector?: number | undefined } | undefined;
  /** @defaultValue 60 */
  readonly rankConstant?: number | undefined;
  /** Rows of each list, at least `limit`. @defaultValue twice `limit`, and at least 100 */
  readonly candidates?: number | undefined;
}

interface Fusion {
  readonly text: number;
  readonly vector: number;
  readonly rankConstant: number;
  readonly candidates: number;
}

const LISTS = ['text', 'vector'] as const;
/** Between them no quotient and no sum leaves the range of a float. */
const SMALLEST_WEIGHT = 1e-6;
const LARGEST_WEIGHT = 1e6;
const DEFAULT_RANK_CONSTANT = 60;
/**
 * With equal weights and a constant of 60, a row at place 62 of both lists has the score of one at the first place of
 * one list. So fewer would miss rows that belong to the best.
 */
const LEAST_CANDIDATES = 100;

/** @param limit rows of the result */
export function readFusion(options: FusionOptions, limit: number): Fusion {
  const { rankConstant = DEFAULT_RANK_CONSTANT } = options;
  return {
    ...readWeights(options.weights),
    rankConstant: wholeNumber(rankConstant, 'rankConstant', 1),
    candidates: readCandidates(options.candidates, limit),
  };
}

function readWeights(weights: unknown): Pick<Fusion, 'text' | 'vector'> {
  if (weights === undefined) return { text: 1, vector: 1 };
  if (!isPlainObject(weights)) {
    throw new UsageError("The option 'weights' must be an object such as { text: 1, vector: 2 }.");
  }
  for (const name of Object.keys(weights)) {
    if ((LISTS as readonly string[]).includes(name)) continue;
    throw new UsageError(`The option 'weights' has no ${shown(name)}.${didYouMean(name, LISTS)}`, {
      code: 'UNKNOWN_OPTION',
    });
  }
  const text = readWeight(own(weights, 'text'), 'text');
  const vector = readWeight(own(weights, 'vector'), 'vector');
  if (text === 0 && vector === 0) {
    throw new ValidationError(
      "The option 'weights' must not be 0 for both text and vector: nothing would be found.",
    );
  }
  return { text, vector };
}

function readWeight(weight: unknown, list: (typeof LISTS)[number]): number {
  if (weight === undefined) return 1;
  if (
    typeof weight === 'number' &&
    (weight === 0 || (weight >= SMALLEST_WEIGHT && weight <= LARGEST_WEIGHT))
  ) {
    return weight;
  }
  throw new ValidationError(
    `The option 'weights.${list}' must be 0, or a number from ${SMALLEST_WEIGHT} to ${LARGEST_WEIGHT}.`,
  );
}

function readCandidates(candidates: unknown, limit: number): number {
  if (candidates === undefined) return Math.max(LEAST_CANDIDATES, 2 * limit);
  const given = wholeNumber(candidates, 'candidates', 1);
  if (given < limit) {
    throw new ValidationError(
      `The option 'limit' is ${limit}, but only ${given} rows of each list are fused: it must be at most the option 'candidates'.`,
    );
  }
  return given;
}
