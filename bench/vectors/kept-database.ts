import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Output } from '../../src/bench/run-output.ts';
import { quoteName, quoteText, type SqlSession, withSession } from '../../stack/sql-session.ts';
import { hashOf, readBootstrap } from '../../stack/template-database.ts';
import { createTestDatabase, openTestDatabase, type TestDatabase } from '../../test/support/full-stack.ts';
import { assertFullStack } from '../database.ts';
import { buildVectors } from './build.ts';
import type { DataSource } from './data-source.ts';
import { shareOut, vectorsNeeded } from './share-out.ts';

const PREFIX = 'cdb_bench_vectors_';
const SHARE_SEED = 20_260_102;

export interface KeptOptions {
  readonly rows: number;
  /** Query vectors of each source: at least so many. */
  readonly queries: number;
}

/** What a kept database was made from; its comment, set when all else is there. */
interface Made {
  readonly files: string;
  readonly queries: number;
}

export function keptName({ name }: Pick<DataSource, 'name'>, { rows }: Pick<KeptOptions, 'rows'>): string {
  return `${PREFIX}${name}_${rows}`;
}

/**
 * The database with the vectors of that source in so many rows. One that was made before, from the same files of this folder
 * and with enough queries, is used again; otherwise it is made anew.
 */
export async function openKeptDatabase(
  source: DataSource,
  options: KeptOptions,
  output: Output,
): Promise<TestDatabase> {
  const name = keptName(source, options);
  return withSession(assertFullStack().admin, async ({ query }) => {
    // Held by this connection, so it ends with it: two runs do not build the same database at once.
    await query('select pg_advisory_lock(hashtext($1))', [name]);
    if (!isEnough(await commentOf(query, name), options)) await build(query, name, source, options, output);
    return openTestDatabase(name);
  });
}

/** Drops all kept databases and answers with their names. */
export async function dropKeptDatabases(): Promise<readonly string[]> {
  return withSession(assertFullStack().admin, async ({ query }) => {
    const kept = await query<{ name: string }>(
      'select datname as name from pg_database where starts_with(datname, $1) order by 1',
      [PREFIX],
    );
    for (const { name } of kept) await query(`drop database ${quoteName(name)} with (force)`);
    return kept.map(({ name }) => name);
  });
}

async function build(
  query: SqlSession['query'],
  name: string,
  source: DataSource,
  options: KeptOptions,
  output: Output,
): Promise<void> {
  const started = performance.now();
  const progress = (text: string) => output.progress(`building ${name}: ${text}`);
  progress('vectors');
  const set = source.make(vectorsNeeded(options));
  progress('owners');
  const shares = shareOut(set, { ...options, seed: SHARE_SEED });
  await query(`drop database if exists ${quoteName(name)} with (force)`);
  const database = await createTestDatabase({ name });
  try {
    await buildVectors(database, set, shares, progress);
  } finally {
    await database.close();
  }
  const made: Made = { files: hashOfFiles(), queries: options.queries };
  await query(`comment on database ${quoteName(name)} is ${quoteText(JSON.stringify(made))}`);
  const seconds = ((performance.now() - started) / 1e3).toFixed(0);
  output.line(`Built in ${seconds} s: the database ${name}, kept for the next run (--drop removes it)`);
}

async function commentOf(query: SqlSession['query'], name: string): Promise<string | undefined> {
  const [row] = await query<{ made: string | null }>(
    `select shobj_description(oid, 'pg_database') as made from pg_database where datname = $1`,
    [name],
  );
  return row?.made ?? undefined;
}

function isEnough(comment: string | undefined, { queries }: KeptOptions): boolean {
  if (comment === undefined) return false;
  const made = JSON.parse(comment) as Made;
  return made.files === hashOfFiles() && made.queries >= queries;
}

/** Files that decide what is in the database; a changed one makes it anew. */
const DECIDING =
  /^(?:clusters|words|vector-set|share-out|search-set|schema|truth|build|copy-rows|data-source)\.ts$/;

function hashOfFiles(): string {
  const folder = import.meta.dirname;
  const names = readdirSync(folder).filter((name) => DECIDING.test(name));
  const files = names.sort().map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  return hashOf([readBootstrap(), ...files]);
}
