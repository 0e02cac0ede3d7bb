import type { Stage } from './stage.ts';
import type { Step } from './step.ts';

/**
 * Prepares a database with tables, two accounts and the places of the world. Each step needs the step before it.
 *
 * @param onServer - a real Postgres; otherwise the embedded one
 * @param migrate - apply the pending migrations; otherwise only check that the tables exist
 */
export function setUpSteps(onServer: boolean, migrate: boolean): readonly Step<Stage>[] {
  return [
    {
      title: 'Read the largest cities of the world',
      as: 'set-up',
      run: async (stage) => ({ rows: stage.readPlaces() }),
    },
    {
      title: onServer ? 'Connect as the owner of the database' : 'Start Postgres in this process',
      as: 'set-up',
      async run(stage) {
        await stage.openDatabase();
        return { note: await stage.versions() };
      },
    },
    migrate
      ? {
          title: 'Apply the migrations',
          as: 'set-up',
          run: async (stage) => ({ rows: await stage.migrate() }),
        }
      : {
          title: "Check that the demo's tables exist",
          as: 'set-up',
          run: async (stage) => ({ rows: await stage.requireTables() }),
        },
    {
      title: 'Sign up Ana and Ben',
      as: 'service',
      run: async (stage) => ({ rows: await stage.signUp() }),
    },
    {
      title: 'Insert the places and embeddings',
      as: 'service',
      run: async (stage) => ({ rows: await stage.insertPlaces() }),
    },
  ];
}

/** On a real Postgres: removes what the demo added, whatever the steps did. */
export const cleanUpStep: Step<Stage> = {
  title: 'Remove what the demo added',
  as: 'set-up',
  run: async (stage) => ({ rows: await stage.removeAdded() }),
};
