import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeFullStack } from '../support/full-stack.ts';
import { allMutants } from './mutants/all-mutants.ts';
import { EQUIVALENT } from './mutants/equivalent.ts';
import { judge } from './mutants/judge.ts';
import type { Mutant } from './mutants/mutant.ts';

const POLICIES = 'supabase/policies';

/** One of each sort; `npm run test:policies -- mutants` has all. */
const HANDFUL = [
  'trips, "Users read their own, shared and public trips": USING true',
  'trip_collaborators, "Owners invite others to their trips": WITH CHECK true',
  'search_history: row level security disabled',
  'trips: update (owner_id) granted to authenticated',
  'trips, "Owners and editors change a trip": WITH CHECK true',
  'api_keys, "An API key creates no API keys": dropped',
  'private.remove_user(uuid): execute granted to authenticated',
  'private.editable_trip_ids: of viewers too',
];

describeFullStack('a database whose policies are weakened', () => {
  let mutants: readonly Mutant[];

  beforeAll(async () => {
    mutants = await allMutants();
  });

  it.each(HANDFUL)(
    'is noticed by the matrix and by the model: %s',
    async (name) => {
      const mutant = mutants.find((each) => each.name === name);
      expect(mutant).toBeDefined();
      const { matrix, model } = await judge(mutant!, { seed: 3, cases: 1_500 });
      expect([matrix, model]).toEqual([expect.any(String), expect.any(String)]);
    },
    60_000,
  );

  it('is known by name where nobody could notice it', () => {
    const names = new Set(mutants.map(({ name }) => name));
    expect(EQUIVALENT.map(({ name }) => name).filter((name) => !names.has(name))).toEqual([]);
  });

  it('drops each policy of the files once', async () => {
    const files = await Promise.all(
      (await readdir(POLICIES)).map((name) => readFile(join(POLICIES, name), 'utf8')),
    );
    const dropped = mutants.filter(({ name }) => name.endsWith('": dropped'));
    expect(dropped).toHaveLength(files.join('').match(/^create policy /gm)!.length);
  });
});
