import type { Side } from '../../../src/index.ts';
import { isFailed, type ServedAnswer } from './served-answer.ts';

/** A time between two changes. Moments are milliseconds since the epoch. */
export interface Phase {
  readonly name: string;
  /** Where calls belong: all of them on a side, or each user on one. */
  readonly belongs: Side | 'by user';
  /** Until then what was before may count. */
  readonly begunAt: number;
  /** The change was made. */
  readonly setAt: number;
  /** From then on no call may be where it does not belong. */
  readonly settledAt: number;
  /** Calls that the consolidated side got before may fail: a fault is planted there. */
  readonly mayFailUntil?: number;
}

export interface JudgedPhase {
  readonly name: string;
  readonly belongs: Phase['belongs'];
  readonly legacy: number;
  readonly consolidated: number;
  /** Milliseconds behind the change at which the last call was made where it does not belong. 0 without one. */
  readonly latestMs: number;
  /** Calls where they do not belong, after `settledAt`. */
  readonly wrong: readonly ServedAnswer[];
  readonly failed: readonly ServedAnswer[];
  /** Failures on the consolidated side that a planted fault explains. */
  readonly met: number;
}

/** Holds each answer to the phase in which its side was called. Users stay on the side on which they were first seen in any phase `by user`. */
export function judgedPhases(phases: readonly Phase[], answers: readonly ServedAnswer[]): JudgedPhase[] {
  const places = placesOf(phases, answers);
  return phases.map((phase, n) => {
    const next = phases[n + 1];
    const until = next?.setAt ?? Number.POSITIVE_INFINITY;
    const within = answers.filter(({ side, calledAt, answeredAt }) => {
      const at = side === undefined ? answeredAt : calledAt;
      return at >= phase.setAt && at < until;
    });
    const isWrong = ({ user, side, calledAt }: ServedAnswer): boolean => {
      // What comes next may have begun.
      if (side === undefined || calledAt >= (next?.begunAt ?? until)) return false;
      return side !== (phase.belongs === 'by user' ? (places.get(user) ?? side) : phase.belongs);
    };
    const misplaced = within.filter(isWrong);
    const failures = within.filter(isFailed);
    return {
      name: phase.name,
      belongs: phase.belongs,
      legacy: within.filter(({ side }) => side === 'legacy').length,
      consolidated: within.filter(({ side }) => side === 'consolidated').length,
      latestMs: Math.max(0, ...misplaced.map(({ calledAt }) => calledAt - phase.setAt)),
      wrong: misplaced.filter(({ calledAt }) => calledAt > phase.settledAt),
      failed: failures.filter((answer) => !isExplained(answer, phase, next)),
      met: failures.filter((answer) => isExplained(answer, phase, next)).length,
    };
  });
}

/** Where each user was when things had settled. */
function placesOf(phases: readonly Phase[], answers: readonly ServedAnswer[]): ReadonlyMap<string, Side> {
  const places = new Map<string, Side>();
  phases.forEach(({ belongs, settledAt }, n) => {
    if (belongs !== 'by user') return;
    const until = phases[n + 1]?.begunAt ?? Number.POSITIVE_INFINITY;
    for (const { user, side, calledAt } of answers) {
      if (side !== undefined && calledAt > settledAt && calledAt < until && !places.has(user)) {
        places.set(user, side);
      }
    }
  });
  return places;
}

/** A fault also meets what is under way when it begins. */
function isExplained(
  { side, calledAt, answeredAt }: ServedAnswer,
  phase: Phase,
  next: Phase | undefined,
): boolean {
  const isOf = ({ mayFailUntil = 0 }: Phase) => side === 'consolidated' && calledAt <= mayFailUntil;
  return isOf(phase) || (next !== undefined && answeredAt >= next.begunAt && isOf(next));
}
