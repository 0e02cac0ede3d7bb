import { createTestDatabase } from '../../support/full-stack.ts';
import { functionMutants } from './function-mutants.ts';
import { grantMutants } from './grant-mutants.ts';
import type { Mutant } from './mutant.ts';
import { NAMED_MUTANTS } from './named-mutants.ts';
import { policyMutants } from './policy-mutants.ts';

/** Made of what the migrations leave in a database, so that a new policy has its mutants at once. */
export async function allMutants(): Promise<readonly Mutant[]> {
  await using database = await createTestDatabase({ migrated: true });
  const query = (text: string) => database.query(text);
  return [
    ...(await policyMutants(query)),
    ...(await grantMutants(query)),
    ...(await functionMutants(query)),
    ...NAMED_MUTANTS,
  ];
}
