import { describe, expect, it } from 'vitest';
import { SEED } from '../isolation/seed.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';
import { embeddedGround, stackGround } from './generated/grounds.ts';
import { type Ground, lackingOf, playSearches, type SearchesOptions } from './generated/play-searches.ts';

async function expectRight(ground: Ground, options: Omit<SearchesOptions, 'seed'>): Promise<void> {
  const tally = await playSearches(ground, { seed: SEED, ...options });
  expect(tally.wrong.join('\n\n')).toBe('');
  expect(lackingOf(tally)).toEqual([]);
}

describe('generated searches', () => {
  it(`find what is there, embedded (seed ${SEED})`, async () => {
    const pglite = await createEmbeddedDatabase();
    try {
      await expectRight(embeddedGround(pglite), { searches: 80, searchesOfTable: 40, rows: 1_500 });
    } finally {
      await pglite.close();
    }
  }, 120_000);
});

describeFullStack('generated searches', () => {
  it(`find what is there, in direct and in transaction mode (seed ${SEED})`, async () => {
    await using database = await createTestDatabase();
    await expectRight(stackGround(database), { searches: 400, searchesOfTable: 100, rows: 3_000 });
  }, 120_000);
});
