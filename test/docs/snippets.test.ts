import { pathToFileURL } from 'node:url';
import { format, inspect } from 'node:util';
import type { PGlite } from '@electric-sql/pglite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ConsolidatedDatabaseService, closeDatabaseService } from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readPages, worldOf } from './markdown.ts';
import { type SnippetFile, SnippetFolder } from './snippet-files.ts';
import { installGlobals, JWT_SECRET, SEED } from './snippet-globals.ts';

const fences = readPages().flatMap((page) => page.fences.filter((fence) => fence.language === 'ts'));
const folder = new SnippetFolder(fences);
const embedded = folder.files.filter(({ fence }) => worldOf(fence) === 'embedded');
const onStack = folder.files.filter(({ fence }) => worldOf(fence) === 'stack');

afterAll(() => folder[Symbol.dispose]());

/** Some snippets open a database of their own, which takes seconds, more so beside other tests. */
const PATIENCE_MS = 120_000;

/** Runs a snippet, and holds what it prints to what its comments say: `// prints …`, line by line. */
async function run({ path, fence }: SnippetFile): Promise<void> {
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
    const texts = values.map((value) =>
      typeof value === 'string' ? value : inspect(value, { breakLength: Infinity }),
    );
    printed.push(format(...texts));
  });
  try {
    await import(pathToFileURL(path).href);
  } finally {
    log.mockRestore();
  }
  const promised = [...fence.text.matchAll(/\/\/ prints (.*)$/gm)].map((match) => match[1]);
  if (promised.length > 0) expect(printed).toEqual(promised);
}

describe('the snippets of the pages', () => {
  it('are there, of each kind', () => {
    expect(embedded.length).toBeGreaterThan(20);
    expect(onStack.length).toBeGreaterThan(0);
  });

  it('compile against the types that were generated from the migrations', async () => {
    expect(await folder.compile()).toBe('');
  });
});

describe('the snippets of the pages, on the embedded database', () => {
  let pglite: PGlite;
  let db: ConsolidatedDatabaseService<Database>;

  beforeAll(async () => {
    pglite = await createEmbeddedDatabase({ migrated: true });
    db = await installGlobals({ embedded: { pglite } });
  });
  afterAll(async () => {
    await db.close();
    await pglite.close();
  });
  beforeEach(async () => {
    await pglite.exec(SEED);
  });

  for (const file of embedded) it(`${file.name} runs`, () => run(file), PATIENCE_MS);
});

describeFullStack('the snippets of the pages that need a server', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService<Database>;

  beforeAll(async () => {
    database = await createTestDatabase({ migrated: true });
    db = await installGlobals({ ...database.user, service: database.service });
  });
  afterAll(async () => {
    await db?.close();
    await database?.drop();
  });
  beforeEach(async () => {
    await database.query(SEED);
    for (const mode of ['direct', 'session', 'transaction'] as const) {
      vi.stubEnv(`CDB_${mode.toUpperCase()}_URL`, database.user[mode]);
      vi.stubEnv(`CDB_SERVICE_${mode.toUpperCase()}_URL`, database.service[mode]);
    }
    vi.stubEnv('CDB_ADMIN_URL', database.adminUrl);
    vi.stubEnv('CDB_JWT_SECRET', JWT_SECRET);
  });
  afterEach(async () => {
    await closeDatabaseService();
    vi.unstubAllEnvs();
  });

  for (const file of onStack) it(`${file.name} runs`, () => run(file), PATIENCE_MS);
});
