import { expect, it } from 'vitest';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';
import { Coverage } from './coverage.ts';
import { embeddedGround, type OpenGround, stackGround } from './grounds.ts';
import { play } from './play.ts';

const SEED = 11;

async function playedOn(ground: OpenGround, cases: number): Promise<Coverage> {
  const { differences, coverage, looks } = await play(ground, { seed: SEED, cases, casesBetweenLooks: 100 });
  expect(differences).toEqual([]);
  expect(looks).toBeGreaterThan(0);
  return coverage;
}

describeFullStack('the policies', () => {
  it('answer generated statements as the model of their prose does', async () => {
    await using database = await createTestDatabase({ migrated: true });
    await using ground = stackGround(database);
    const coverage = await playedOn(ground, 800);
    // Whether each cell is met is for the long run to tell.
    expect(coverage.lacking(0)).toEqual([]);
  }, 180_000);
});

it('the policies of the embedded database do so too', async () => {
  await using pglite = await createEmbeddedDatabase({ migrated: true });
  await using ground = embeddedGround(pglite);
  expect((await playedOn(ground, 150)).lacking(0)).toEqual([]);
}, 180_000);

it('a cell that comes out as it should not, too seldom or that nobody knows is named', () => {
  const coverage = new Coverage();
  coverage.note({ table: 'trips', command: 'delete', relation: 'viewer' }, true);
  coverage.note({ table: 'trips', command: 'delete', relation: 'passer-by' }, false);
  expect(coverage.lacking(0)).toEqual([
    'trips, delete, viewer: 1 allowed, 0 refused',
    'trips, delete, passer-by: 0 allowed, 1 refused',
  ]);
  expect(coverage.lacking(1)).toContain('trips, delete, owner: allowed fewer than 1 times');
});
