import { describe, expect, it } from 'vitest';
import { SEED } from '../isolation/seed.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';
import { type Ground, playDifferential } from './differential.ts';

async function expectAlike(ground: Ground, reads: number): Promise<void> {
  const tally = await playDifferential(ground, { seed: SEED, reads, readsOfSchema: 100 });
  expect(tally.differences.join('\n\n')).toBe('');
  // A cache that keeps nothing is always right.
  expect(tally.hits).toBeGreaterThan(tally.reads / 20);
  expect(tally.writes).toBeGreaterThan(10);
}

describe('answers of the cache on schemas at random', () => {
  it(`are those of the database, embedded (seed ${SEED})`, async () => {
    const pglite = await createEmbeddedDatabase();
    try {
      await expectAlike({ options: { embedded: { pglite } }, run: (sql) => pglite.exec(sql) }, 900);
    } finally {
      await pglite.close();
    }
  }, 120_000);
});

describeFullStack('answers of the cache on schemas at random', () => {
  it(`are those of the database, where statements run side by side (seed ${SEED})`, async () => {
    await using database = await createTestDatabase();
    const options = { ...database.user, service: database.service };
    await expectAlike({ options, run: (sql) => database.query(sql) }, 300);
  }, 120_000);
});
