import { describe, expect, it } from 'vitest';
import { judgedPhases, type Phase } from './judged-phases.ts';
import type { ServedAnswer } from './served-answer.ts';

const PHASES: readonly Phase[] = [
  { name: 'half', belongs: 'by user', begunAt: 0, setAt: 10, settledAt: 1_010 },
  { name: 'nobody', belongs: 'legacy', begunAt: 5_000, setAt: 5_010, settledAt: 6_010 },
];

const answer = (of: Partial<ServedAnswer>): ServedAnswer => ({
  ...{ process: 0, user: 'ana', request: 'GET /trips', status: 200, side: 'legacy', calledAt: 2_000 },
  ...{ answeredAt: of.calledAt ?? 2_000, ...of },
});

describe('judgedPhases', () => {
  it('finds a call that is late, and how late', () => {
    const [, nobody] = judgedPhases(PHASES, [answer({ side: 'consolidated', calledAt: 6_011 })]);
    expect(nobody).toMatchObject({ latestMs: 1_001, wrong: [{ calledAt: 6_011 }], consolidated: 1 });
  });

  it('lets what was before count until the change has settled', () => {
    const [, nobody] = judgedPhases(PHASES, [answer({ side: 'consolidated', calledAt: 6_010 })]);
    expect(nobody).toMatchObject({ latestMs: 1_000, wrong: [] });
  });

  it('lets what comes next count while the change is made', () => {
    const moved = [answer({}), answer({ side: 'consolidated', calledAt: 5_005 })];
    expect(judgedPhases(PHASES, moved)[0]).toMatchObject({ wrong: [] });
  });

  it('finds a user who was moved, in the other process too', () => {
    const moved = [answer({}), answer({ side: 'consolidated', calledAt: 3_000, process: 1 })];
    expect(judgedPhases(PHASES, moved)[0]?.wrong).toEqual([moved[1]]);
  });

  it('finds every answer that is none', () => {
    const failed = [answer({ status: 503 }), answer({ side: undefined, calledAt: 0, answeredAt: 2_000 })];
    expect(judgedPhases(PHASES, failed)[0]?.failed).toEqual(failed);
  });

  it('lets fail what a planted fault met on the consolidated side, and nothing else', () => {
    const planted: Phase = {
      ...{ name: 'failing', belongs: 'by user', begunAt: 3_000, setAt: 3_000, settledAt: 3_000 },
      mayFailUntil: 4_000,
    };
    const met = answer({ side: 'consolidated', status: 503, calledAt: 4_000 });
    const underWay = answer({ side: 'consolidated', status: 503, calledAt: 2_999, answeredAt: 3_001 });
    const late = answer({ side: 'consolidated', status: 503, calledAt: 4_001 });
    const early = answer({ side: 'consolidated', status: 503, calledAt: 2_998 });
    const other = answer({ status: 503, calledAt: 3_500 });
    const judged = judgedPhases([PHASES[0]!, planted], [met, underWay, late, early, other]);
    expect(judged.flatMap(({ failed }) => failed)).toEqual([early, late, other]);
    expect(judged.map((phase) => phase.met)).toEqual([1, 1]);
  });
});
