import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { CACHED_SQL, type CachedKind, type HeapReport, KINDS } from './cached-kinds.ts';

const SCRIPT = fileURLToPath(new URL('cache-heap.ts', import.meta.url));
const MOST = 1.5;
/** A cache that counts twice what it takes holds half of what it may. */
const LEAST = 1 / 2;

describeFullStack('the bytes that the cache counts', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: CACHED_SQL });
  }, 120_000);
  afterAll(() => database.drop());

  it.each(Object.keys(KINDS) as CachedKind[])(
    'are those that its answers take, about: %s',
    async (kind) => {
      const { entries, accountedBytes, heapBytes } = await measured(database, kind);
      expect(entries).toBe(KINDS[kind].answers);
      expect(heapBytes / accountedBytes).toBeLessThan(MOST);
      expect(heapBytes / accountedBytes).toBeGreaterThan(LEAST);
    },
    120_000,
  );
});

/** In a process of its own. URLs go by the environment, where no list of processes shows them. */
async function measured(database: TestDatabase, kind: CachedKind): Promise<HeapReport> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', SCRIPT, kind], {
    env: { ...process.env, CDB_MEMORY_DIRECT_URL: database.user.direct },
  });
  return JSON.parse(stdout) as HeapReport;
}
