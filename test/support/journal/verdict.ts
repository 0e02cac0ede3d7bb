/** Holds what a caller was told of an operation against what the journal has of it. */
import type { Outcome } from '../../../src/index.ts';

/** How a call ended, as its caller sees it. */
export type Told =
  | 'fulfilled'
  | Outcome
  /** The function of a transaction threw an error of its own, and that very error came out. */
  | 'own error'
  /** Something that is no error of the package, or a value that is not what was written. */
  | 'nonsense'
  | 'unsettled';

/** What an operation writes, each entry as the journal notes it: step and what was done. */
export interface Claim {
  /** All of it. */
  readonly whole: readonly string[];
  /** Groups of which each may be there or not, beside the whole: a nested transaction of which nobody can know. */
  readonly optional?: readonly (readonly string[])[];
  /** Parts that may stand alone when the outcome is unknown: SQL that commits in between asks for that itself. */
  readonly stages?: readonly (readonly string[])[];
}

export type Found = 'all' | 'nothing' | 'a stage' | 'a part' | 'too much';

/** What is there of an operation. */
export function find(claim: Claim, noted: readonly string[]): Found {
  if (noted.length === 0) return 'nothing';
  if (variantsOf(claim).some((variant) => same(variant, noted))) return 'all';
  if ((claim.stages ?? []).some((stage) => same(stage, noted))) return 'a stage';
  const most = [...claim.whole, ...(claim.optional ?? []).flat()];
  return isWithin(noted, most) ? 'a part' : 'too much';
}

/** Why what was told is wrong; undefined when it is right. */
export function wrongOf(told: Told, claim: Claim, noted: readonly string[]): string | undefined {
  const found = find(claim, noted);
  if (claim.whole.length === 0 && (told === 'unknown' || told === 'applied')) {
    return `a read changes nothing, and ${told} was told`;
  }
  switch (told) {
    case 'unsettled':
      return 'the call never settled';
    case 'nonsense':
      return 'the caller got what is neither an answer nor an error of the package';
    case 'fulfilled':
    case 'applied':
      return found === 'all' || isEmpty(claim, found) ? undefined : `all of it was told, ${found} is there`;
    case 'not-applied':
    case 'own error':
      return found === 'nothing' ? undefined : `nothing was told to be applied, ${found} is there`;
    case 'unknown':
      return found === 'all' || found === 'nothing' || found === 'a stage'
        ? undefined
        : `an operation is there or not, ${found} is there`;
  }
}

function isEmpty(claim: Claim, found: Found): boolean {
  return found === 'nothing' && claim.whole.length === 0;
}

function variantsOf({ whole, optional = [] }: Claim): string[][] {
  return optional.reduce<string[][]>(
    (variants, group) => variants.flatMap((variant) => [variant, [...variant, ...group]]),
    [[...whole]],
  );
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && isWithin(one, other);
}

/** Whether each entry is there at most as often as in `most`. */
function isWithin(some: readonly string[], most: readonly string[]): boolean {
  const left = [...most];
  return some.every((entry) => {
    const at = left.indexOf(entry);
    if (at === -1) return false;
    left.splice(at, 1);
    return true;
  });
}
