import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Extensions, PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { hashOf, readBootstrap, readMigrations, type SqlFile } from '../../stack/template-database.ts';

const cache = resolve(import.meta.dirname, '..', '..', '.cache', 'embedded');

export interface EmbeddedDatabaseOptions {
  /** Applies supabase/migrations. */
  readonly migrated?: boolean;
  /** To be had by `create extension`, beside pgvector. */
  readonly extensions?: Extensions;
  /** Runs after all else, as PGlite's superuser. */
  readonly sql?: string;
}

/**
 * An embedded Postgres in memory, with pgvector and bootstrap.sql applied. The caller closes it.
 *
 * A first call makes the data folder and keeps it in `.cache`; later ones load it, which is several times quicker.
 *
 * @example
 * ```ts
 * await using database = await createEmbeddedDatabase({ migrated: true });
 * ```
 */
export async function createEmbeddedDatabase(options: EmbeddedDatabaseOptions = {}): Promise<PGlite> {
  const files = [readBootstrap(), ...(options.migrated === true ? readMigrations() : [])];
  const dump = await dumpOf(files);
  const database = await PGlite.create({ loadDataDir: dump, extensions: { vector, ...options.extensions } });
  if (options.sql !== undefined) await database.exec(options.sql);
  return database;
}

/** Named by what is in it: a changed file makes another one. */
async function dumpOf(files: readonly SqlFile[]): Promise<Blob> {
  const file = join(cache, `${hashOf([...files, pgliteVersion()])}.tar`);
  try {
    return new Blob([readFileSync(file)]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made = await makeDump(files);
  mkdirSync(cache, { recursive: true });
  // Written aside and moved: another test file may be reading.
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, Buffer.from(await made.arrayBuffer()));
  renameSync(aside, file);
  return made;
}

async function makeDump(files: readonly SqlFile[]): Promise<Blob> {
  const database = await PGlite.create({ extensions: { vector } });
  try {
    for (const { text } of files) await database.exec(text);
    return await database.dumpDataDir('none');
  } finally {
    await database.close();
  }
}

function pgliteVersion(): SqlFile {
  const manifest = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'));
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { name: 'pglite', text: version };
}
