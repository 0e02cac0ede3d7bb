import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { compareUnderWrites, SQL } from './compare-under-writes.ts';

describeFullStack('comparisons while others write', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: true, sql: SQL });
  });
  afterAll(() => database.drop());

  it('find no difference where there is none', async () => {
    const { counts, differences } = await compareUnderWrites(database, { reads: 300, seed: 1 });
    expect(differences).toEqual([]);
    expect(counts).toMatchObject({ different: 0, failed: 0, skipped: 0 });
    expect(counts.same).toBeGreaterThan(250);
  }, 180_000);
});
