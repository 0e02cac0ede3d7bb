/**
 * Checks that the public types stay quick on a large schema: generates 200 tables of 20 columns and 100
 * call sites of each kind, has the compiler check them, and compares the number of type instantiations,
 * which is the same on every machine where one thread checks, with a bound.
 *
 * Run with `node test/types/check-many-tables.ts`.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const TABLES = 200;
const COLUMNS = 20;
const CALLS = 100;
/** What loading the schema and the interfaces may cost before the first call. */
const INSTANTIATIONS_AT_REST = 10_000;

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const run = promisify(execFile);

const COLUMN_TYPES = ['string', 'number', 'boolean', 'string | null', 'number | null', 'Json', 'string[]'];

function columns(optional: boolean): string {
  return Array.from({ length: COLUMNS }, (_, index) => {
    const mark = optional || index > 2 ? '?' : '';
    return `column_${index}${mark}: ${COLUMN_TYPES[index % COLUMN_TYPES.length]};`;
  }).join(' ');
}

function schema(): string {
  const row = columns(false).replaceAll('?:', ':');
  const tables = Array.from(
    { length: TABLES },
    (_, index) =>
      `table_${index}: { Row: { id: string; ${row} }; ComputedFields: never; ` +
      `Insert: { id?: string; ${columns(false)} }; Update: { id?: string; ${columns(true)} }; Relationships: [] };`,
  ).join('\n');
  const functions = Array.from(
    { length: TABLES },
    (_, index) => `function_${index}: { Args: { a: number; b?: string }; Returns: number };`,
  ).join('\n');
  return `export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];
export type Database = {
  __InternalSupabase: { PostgrestVersion: '13.0.5' };
  public: { Tables: { ${tables} }; Views: { [_ in never]: never }; Functions: { ${functions} };
    Enums: { [_ in never]: never }; CompositeTypes: { [_ in never]: never } };
};
`;
}

/** Every round uses a table of its own, so that nothing is answered from what an earlier round computed. */
function round(index: number): string {
  const table = `'table_${index * 2}'`;
  return `
  await db.select(${table}, { columns: ['id', 'column_1'], filters: { column_0: 'x', column_1: op.gt(1) }, orderBy: ['id'] });
  await db.select(${table}, { filters: [{ column_3: null }, op.or({ column_0: op.like('a%') }, { column_1: 2 })], count: 'exact' });
  await db.selectMaybe(${table}, { filters: { id: 'x' } });
  await db.insert(${table}, { column_0: 'x', column_1: 1, column_2: true });
  await db.insert(${table}, [{ column_0: 'x', column_1: 1, column_2: true }], { returning: ['id'] });
  await db.upsert(${table}, { column_0: 'x', column_1: 1, column_2: true }, { onConflict: ['id'] });
  await db.update(${table}, { column_0: 'y' }, { filters: { id: 'x' }, expect: 1 });
  await db.delete(${table}, { filters: { id: op.in(['x', 'y']) }, returning: false });
  await db.vectorSearch(${table}, { column: 'column_0', vector: [1, 2, 3], columns: ['id'] });
  await db.hybridSearch(${table}, { text: 'a', textColumn: 'column_0', column: 'column_0', vector: [1], columns: ['id'] });
  await db.rpc('function_${index}', { a: 1 });
  const kept_${index} = await db.select(${table}, { columns: ['id', 'column_5'], filters: { id: 'x' }, cache: true });
  void kept_${index}[0]?.column_5;
  await db.batch([db.build.count(${table}), db.build.select(${table}, { columns: ['id'] })]);`;
}

/** The generated types, and the same with everything that may stand around them. */
const DATABASES = [
  /** `perRound`: instantiations of one round of all call kinds, beyond the schema and the interfaces themselves. */
  { name: 'generated', type: 'Database', perRound: 6_000 },
  {
    name: 'overridden, with large numbers as text',
    type: 'LargeNumbersAsText<Overrides<Database, { public: { Tables: { table_0: { column_5: { shape: string } } } } }>>',
    perRound: 7_100,
  },
] as const;

function calls(count: number, database: string): string {
  const source = (path: string) => JSON.stringify(join(root, 'src/consolidated', path));
  return `import { op } from ${source('filters/operator.ts')};
import type { ConsolidatedDatabaseService } from ${source('typed/database-service.ts')};
import type { LargeNumbersAsText } from ${source('typed/large-numbers.ts')};
import type { Overrides } from ${source('typed/overrides.ts')};
import type { Database } from './schema.ts';
declare const db: ConsolidatedDatabaseService<${database}>;
export async function all(): Promise<void> {
  await db.close();${Array.from({ length: count }, (_, index) => round(index)).join('')}
}
`;
}

async function instantiations(folder: string, rounds: number, database: string): Promise<number> {
  await writeFile(join(folder, 'calls.ts'), calls(rounds, database));
  const { stdout } = await run(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      '-p',
      folder,
      '--extendedDiagnostics',
      '--singleThreaded',
    ],
    { cwd: folder, maxBuffer: 64 * 1024 * 1024 },
  ).catch((error: unknown) => {
    if (error instanceof Error && 'stdout' in error)
      process.stderr.write(String(error.stdout).slice(0, 4000));
    throw error;
  });
  const count = /^Instantiations:\s+(\d+)/m.exec(stdout)?.[1];
  if (count === undefined) throw new Error('The compiler printed no number of instantiations.');
  const seconds = /^Check time:\s+([\d.]+)s/m.exec(stdout)?.[1] ?? '?';
  process.stdout.write(`${rounds} rounds: ${count} instantiations, check time ${seconds} s\n`);
  return Number(count);
}

const folder = await mkdtemp(join(tmpdir(), 'many-tables-'));
try {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(folder, 'schema.ts'), schema());
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        typeRoots: [join(root, 'node_modules/@types')],
        rewriteRelativeImportExtensions: false,
      },
      files: ['calls.ts'],
      include: [],
    }),
  );
  for (const { name, type, perRound: bound } of DATABASES) {
    const atRest = await instantiations(folder, 0, type);
    const perRound = Math.ceil(((await instantiations(folder, CALLS, type)) - atRest) / CALLS);
    const verdict =
      `${atRest} instantiations at rest (at most ${INSTANTIATIONS_AT_REST}), ` +
      `${perRound} for a round of 14 calls (at most ${bound})`;
    if (atRest > INSTANTIATIONS_AT_REST || perRound > bound) {
      throw new Error(`The public types have become slow, ${name}: ${verdict}.`);
    }
    process.stdout.write(`The public types are quick, ${name}: ${verdict}.\n`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
