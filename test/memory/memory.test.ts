import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import type { CaseName } from './cases.ts';
import { measure } from './measure.ts';
import { memorySql } from './memory-database.ts';

const ROWS = 1_000_000;
/** More than three times the cap of 64 MiB; the script beside this test takes 600. */
const MEGABYTES = 200;
const STREAM_LIMIT_MB = 150;
/** A row is a megabyte here, a hundred of them are in flight or wait to be collected. */
const HUGE_ROWS_LIMIT_MB = 250;
/** The cap itself, and once more for the buffer that a single large value is put together in. */
const BYTE_CAP_LIMIT_MB = 170;
const ROW_CAP_LIMIT_MB = 150;

describeFullStack('the memory of this process', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: memorySql(ROWS, MEGABYTES) });
  }, 120_000);
  afterAll(() => database.drop());

  it.each(['stream', 'stream of a query'] as const)(
    'stays the same while a million rows pass: %s',
    async (name: CaseName) => {
      const { rows, grownMb } = await measure(database, name);
      expect(rows).toBe(ROWS);
      expect(grownMb).toBeLessThan(STREAM_LIMIT_MB);
    },
    120_000,
  );

  it('does not grow with the length of a stream of huge rows', async () => {
    const { rows, grownMb } = await measure(database, 'stream of huge rows');
    expect(rows).toBe(MEGABYTES);
    expect(grownMb).toBeLessThan(HUGE_ROWS_LIMIT_MB);
  }, 120_000);

  it.each(['rows, direct', 'rows, transaction'] as const)(
    'is not filled by a result of more rows than the cap: %s',
    async (name: CaseName) => {
      const { refusedWith, grownMb } = await measure(database, name);
      expect(refusedWith).toBe('RESULT_TOO_LARGE');
      expect(grownMb).toBeLessThan(ROW_CAP_LIMIT_MB);
    },
    120_000,
  );

  it.each(['bytes, direct', 'bytes of a query, direct', 'bytes, transaction'] as const)(
    'is not filled by a result of more bytes than the cap: %s',
    async (name: CaseName) => {
      const { refusedWith, grownMb } = await measure(database, name);
      expect(refusedWith).toBe('RESULT_TOO_LARGE');
      expect(grownMb).toBeLessThan(BYTE_CAP_LIMIT_MB);
    },
    120_000,
  );
});
