/** Raw SQL with a COMMIT inside, which the server refuses unless the service lets it own its transactions. */
import type { OperationKind, Scene } from './operation.ts';

const COMMITS_BY_ITSELF = {
  transaction: 'DO and CALL cannot be wrapped there and are refused before anything is sent',
} as const;

export const OPERATIONS_THAT_COMMIT: readonly OperationKind[] = [
  {
    name: 'CALL that commits',
    claim: { whole: ['1 INSERT'] },
    not: COMMITS_BY_ITSELF,
    run: async ({ db, op, pauseMs, limits }) => {
      await db.sql(limits)`call journal_keep(${op}, ${pauseMs})`;
    },
  },
  {
    name: 'CALL that commits and fails',
    claim: { whole: ['1 INSERT'] },
    not: COMMITS_BY_ITSELF,
    run: async ({ db, op, pauseMs, limits }) => {
      await db.sql(limits)`call journal_keep_and_fail(${op}, ${pauseMs})`;
    },
  },
  {
    name: 'DO that commits and goes on',
    claim: { whole: ['1 INSERT', '2 INSERT'] },
    not: COMMITS_BY_ITSELF,
    run: async ({ db, op, pauseMs, limits }) => {
      await db.sql(limits)(
        textOf(`do $$ begin
          insert into journal (op, step, pause) values (${op}, 1, ${pauseMs});
          commit;
          insert into journal (op, step) values (${op}, 2);
        end $$`),
      );
    },
  },
  {
    name: 'owning CALL',
    asService: true,
    claim: { whole: ['1 INSERT'] },
    not: COMMITS_BY_ITSELF,
    run: async (scene) => {
      await owning(scene)`call journal_keep(${scene.op}, ${scene.pauseMs})`;
    },
  },
  {
    name: 'owning CALL that fails',
    asService: true,
    claim: { whole: ['1 INSERT'] },
    not: COMMITS_BY_ITSELF,
    run: async (scene) => {
      await owning(scene)`call journal_keep_and_fail(${scene.op}, ${scene.pauseMs})`;
    },
  },
  {
    name: 'owning CALL that goes on',
    asService: true,
    claim: { whole: ['1 INSERT', '2 INSERT'], stages: [['1 INSERT']] },
    not: COMMITS_BY_ITSELF,
    run: async (scene) => {
      await owning(scene)`call journal_keep_twice(${scene.op}, ${scene.pauseMs})`;
    },
  },
];

function owning({ service, limits }: Scene): ReturnType<Scene['db']['sql']> {
  return service.sql({ ...limits, ownTransactions: true });
}

/** A template without values: a DO block takes none. */
function textOf(text: string): TemplateStringsArray {
  return Object.freeze(Object.assign([text], { raw: Object.freeze([text]) }));
}
