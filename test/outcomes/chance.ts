/**
 * Boundaries that only chance brings about, such as an error reply in a race of two calls. An operation cannot be brought
 * there at will, so their cells need no hits.
 *
 * Nothing that used to be struck can hide among them: a boundary that operations pass as a rule is never one of them,
 * and of each mode so many boundaries must remain as `FEWEST_BOUNDARIES` says.
 */
import type { ModeName } from '../../src/index.ts';

/** Tries after which a cell that is hardly ever hit gets its turn only when no other needs one. */
const TRIES_WITHOUT_HOPE = 150;
const HOPE = 1 / 50;
/** Share of the operations that nothing met: who passes a boundary more often passes it as a rule. */
const BY_CHANCE = 1 / 10;

/** A cell as far as it tells how often it was aimed at, hit, and passed by what nothing met. */
export interface Aim {
  readonly tries: number;
  readonly hits: number;
  readonly seen: number;
}

/** Whether further tries will hardly hit. */
export function isHopeless({ tries, hits }: Pick<Aim, 'tries' | 'hits'>): boolean {
  return tries > TRIES_WITHOUT_HOPE && hits / tries < HOPE;
}

/**
 * Whether only chance brings an operation to a boundary: many tries to strike there hardly ever hit, and hardly any
 * operation passed it that nothing met. The tries that missed are such operations too: a strike that fails is seen by those that
 * passed and were not struck.
 *
 * @param unmet - how many operations of that kind in that mode nothing met, the tries that missed included
 */
export function isMetByChance(aim: Aim, unmet: number): boolean {
  return isHopeless(aim) && aim.seen / unmet < BY_CHANCE;
}

/** The rule in words, for the report of a run. */
export const CHANCE_RULE = `met by chance only: of more than ${TRIES_WITHOUT_HOPE} tries less than 1 in ${1 / HOPE} hit, and of the operations that nothing met less than 1 in ${1 / BY_CHANCE} passed there`;

/**
 * So many boundaries operations pass as a rule, over all kinds, in each run. A new kind of operation, or a change of what
 * is sent, is a reason to change them.
 */
export const FEWEST_BOUNDARIES: Readonly<Record<ModeName, number>> = {
  direct: 1_046,
  session: 1_046,
  transaction: 242,
  embedded: 0,
};

/** Modes whose boundaries have become fewer, each in a sentence. */
export function tooFewBoundaries(
  boundariesOf: (mode: ModeName) => number,
  fewest: Readonly<Record<ModeName, number>> = FEWEST_BOUNDARIES,
): string[] {
  return (Object.keys(fewest) as ModeName[])
    .filter((mode) => boundariesOf(mode) < fewest[mode])
    .map(
      (mode) =>
        `too few boundaries: ${mode} has ${boundariesOf(mode)}, and must have ${fewest[mode]} at least`,
    );
}
