/** A hundred thousand calls that fail by their callers' doing: the database is well, and nothing may be closed for it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceEvent } from '../../../src/index.ts';
import type { OperationKind, Scene } from '../../support/journal/operation.ts';
import type { Fault } from '../fault.ts';
import { MIXED_LOAD } from '../load-kinds.ts';

const CALLS = 100_000;
/** A run of fewer operations than this is a short one. */
const FULL_RUN = 1_000;
const NOTHING = '00000000-0000-4000-8000-00000000ffff';

function failing(name: string, run: (scene: Scene) => PromiseLike<unknown>): OperationKind {
  return {
    name,
    claim: { whole: ['1 INSERT'] },
    run: async (scene) => {
      await run(scene);
    },
  };
}

const KINDS: readonly OperationKind[] = [
  // Of the same owner.
  failing('taken key', ({ db, op, limits }) =>
    db.insert('journal_keyed', { op: 50 + (op % 50), step: 0 }, limits),
  ),
  failing('foreign owner', ({ db, op, limits }) =>
    db.insert('journal', { op, step: 1, owner: NOTHING }, limits),
  ),
  failing('no such number', ({ db, limits }) => db.insert('journal', { op: 2 ** 40, step: 1 }, limits)),
  failing('missing value', ({ db, op, limits }) => db.insert('journal', { op, step: null }, limits)),
  failing('refused by a trigger', ({ db, op, limits }) =>
    db.insert('journal', { op, step: 1, state: 'refused at commit' }, limits),
  ),
  failing('expected another number', ({ db, op, limits }) =>
    db.update('journal', { state: 'changed' }, { ...limits, filters: { op, owner: NOTHING }, expect: 1 }),
  ),
  failing('division by zero', ({ db, limits }) => db.sql(limits)`select 1 / 0 as nothing`),
];

export const CLIENT_ERRORS: Fault = {
  name: 'errors of callers open no breaker',
  play: async (stage) => {
    const { notes, operations, servers } = stage;
    const wanted = operations >= FULL_RUN ? CALLS : operations;
    // Whoever has to wait too long may be refused for that: it opens nothing.
    notes.allowedErrors =
      /^(OVERLOADED|UNIQUE_VIOLATION|FORBIDDEN|VALIDATION|NOT_NULL_VIOLATION|EXPECTATION_FAILED|RAISED|\w+ \((22012|P0001|42501)\))/;
    await servers.numbers.takeKeys(50, 99);
    let opened = 0;
    const onEvent = ({ type }: ServiceEvent): void => {
      if (type === 'breaker') opened++;
    };
    const front = await stage.openFront({ options: { onEvent } });
    const kinds = KINDS.map((kind) => ({ kind, weight: 1 }));
    const load = stage.makeLoad(front, { callers: 64, kinds, rests: false });
    load.start();
    while (load.ended.length < wanted) await pause(20);
    await load.stop();
    notes.struck = load.ended.filter(({ told }) => told === 'not-applied').length;
    notes.expect(
      notes.struck === load.ended.length,
      `${load.ended.length - notes.struck} calls were not refused`,
    );
    notes.expect(opened === 0, `a breaker opened or closed ${opened} times`);
    // And right behind them what is well is answered.
    await servers.numbers.seedAhead();
    const after = stage.makeLoad(front, { kinds: MIXED_LOAD });
    after.start();
    notes.recovered(await after.recovered(performance.now(), notes.recoveryLimitMs));
    await after.stop();
    const failed = after.ended.filter(({ told }) => told !== 'fulfilled' && told !== 'own error');
    notes.expect(failed.length === 0, `${failed.length} calls failed behind them: ${failed[0]?.words}`);
  },
};
