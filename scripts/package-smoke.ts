/**
 * Builds the package, packs it, installs the tarball in an empty project and uses it there: from
 * JavaScript, from TypeScript, and by its command.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const project = mkdtempSync(join(tmpdir(), 'package-smoke-'));

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function install(...packages: readonly string[]): void {
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', ...packages], project);
}

const SCRIPT = `
import { rollbackDatabase, testIdentities, withRollback } from 'consolidated-db/testing';
import { createDatabaseService, fragment, monitoringHandler, op, UsageError, user } from 'consolidated-db';
import { forHono } from 'consolidated-db/http';

const db = createDatabaseService({
  metrics: true,
  openTelemetry: true,
  embedded: {
    sql: \`create table notes (id int primary key, owner uuid not null default auth.uid(), body text);
      alter table notes enable row level security;
      create policy own on notes for all to authenticated
        using ((select auth.uid()) = owner) with check ((select auth.uid()) = owner);
      grant select, insert on notes to authenticated;\`,
  },
});
const anna = db.as(user({ sub: '00000000-0000-4000-8000-00000000000a' }));
let threads = 0;
process.on('worker', () => threads++);
const boris = db.as(user({ sub: '00000000-0000-4000-8000-00000000000b' }));
await anna.insert('notes', { id: 1, body: 'mine' });
const own = await anna.select('notes', { filters: { id: op.gte(1) }, columns: ['id', 'body'] });
const foreign = await boris.select('notes');
const refused = await anna.select('nowhere').catch((error) => error instanceof UsageError && error.code);
const raw = await anna.sql\`select \${1}::int as one\`;
let ticks = 0;
const ticking = setInterval(() => ticks++, 20);
const late = await anna.sql({ timeoutMs: 200 })\`select pg_sleep(1)::text\`.catch((error) => error.code);
clearInterval(ticking);
const { body } = await db.metrics();
if (!body.includes('table="public.notes",role="authenticated"')) throw new Error(body);
const ready = await monitoringHandler(db)(new Request('http://localhost/health/ready'));
if (ready.status !== 200) throw new Error(String(ready.status));
const http = forHono(db, { log: (fault) => { throw new Error(JSON.stringify(fault)); } });
let caller;
await http.caller({ req: { raw: new Request('http://localhost/') } }, async () => {
  [caller] = await db.sql\`select current_user::text as role\`;
});
if (caller.role !== 'anon') throw new Error(caller.role);
await db.close();
const seen = JSON.stringify([own, foreign, refused, raw, late, threads, ticks > 5]);
if (seen !== '[[{"id":1,"body":"mine"}],[],"UNKNOWN_RELATION",[{"one":1}],"TIMEOUT",1,true]') throw new Error(seen);
void fragment;
await using database = rollbackDatabase({ embedded: { sql: 'create table kept (id int)' } });
const { users } = await testIdentities(database, { ana: {} });
await withRollback(database, (inside) => inside.as(users.ana.identity).sql\`select 1\`);
`;

const BENCH = `
import { createDatabaseService, user } from 'consolidated-db';
import { defineBench } from 'consolidated-db/bench';

const ana = user({ sub: '00000000-0000-4000-8000-00000000000a' });
const contender = {
  open: () => createDatabaseService({ embedded: { sql: 'create table kept (id int); grant select on kept to authenticated' } }),
  close: (db) => db.close(),
};
export default defineBench({
  contenders: { typed: contender, written: contender },
  cases: {
    all: {
      ways: {
        typed: (db) => db.as(ana).select('kept', { columns: ['id'] }),
        written: (db) => db.as(ana).sql\`select id from kept\`,
      },
    },
  },
  concurrency: [2],
  rounds: 3,
  seconds: 0.05,
  warmUpSeconds: 0,
});
`;

const WITHOUT_PGLITE = `
import { anonymous, createDatabaseService } from 'consolidated-db';

await using db = createDatabaseService({ embedded: true });
const code = await db.as(anonymous()).sql\`select 1\`.catch((error) => error.code);
if (code !== 'EMBEDDED_NOT_INSTALLED') throw new Error(String(code));
`;

const TYPED = `
import { createDatabaseService, user, type DatabaseServiceOptions } from 'consolidated-db';
import { type FastifyMiddleware, forExpress, forFastify, requestUser } from 'consolidated-db/http';
import { type Bench, defineBench } from 'consolidated-db/bench';
import { rlsMatrix, type RlsMatrix } from 'consolidated-db/testing';

interface Database {
  public: {
    Tables: { notes: { Row: { id: number; body: string | null }; Insert: { id: number; body?: string | null }; Update: { id?: number; body?: string | null }; Relationships: [] } };
    Views: Record<never, never>;
    Functions: Record<never, never>;
    Enums: Record<never, never>;
    CompositeTypes: Record<never, never>;
  };
}
const options: DatabaseServiceOptions = { embedded: true };
const db = createDatabaseService<Database>(options);
export async function bodies(): Promise<(string | null)[]> {
  const rows = await db.as(user({ sub: 'x' })).select('notes', { columns: ['body'] });
  const kept = await db.as(user({ sub: 'x' })).select('notes', { columns: ['body'], cache: true });
  const frozen: readonly { readonly body: string | null }[] = kept;
  void frozen;
  return rows.map((row) => row.body);
}
export const matrix: RlsMatrix = rlsMatrix({ users: {}, tables: {}, expected: '|| anonymous | service | table owner' });
const contenders = { ours: { open: () => createDatabaseService<Database>(options), close: () => {} } };
export const bench: Bench = defineBench({
  contenders,
  cases: { all: { ways: { ours: (client, { n }) => client.as(user({ sub: 'x' })).select('notes', { filters: { id: n } }) } } },
});
// @ts-expect-error there is no such contender
export const foreignWay = () => defineBench({ contenders, cases: { all: { ways: { theirs: () => 1 } } } });
// @ts-expect-error there is no such table
export const wrong = () => db.select('nowhere');
const log = (fault: object) => void fault;
export const plugin: FastifyMiddleware = forFastify(db, { log });
export const { caller } = forExpress(db, { log, anonymous: 'refuse' });
export const id = (): string | undefined => requestUser().claims.sub;
// @ts-expect-error faults have to go somewhere
export const silent = () => forExpress(db, {});
`;

try {
  run(process.execPath, [join(root, 'scripts/build.ts')], root);
  run('npm', ['pack', '--silent', '--pack-destination', project], root);
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack created no tarball.');
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'smoke', private: true, type: 'module' }),
  );
  install(`./${tarball}`);
  writeFileSync(join(project, 'without-pglite.js'), WITHOUT_PGLITE);
  run(process.execPath, ['without-pglite.js'], project);
  install('@electric-sql/pglite@0.5.14', '@electric-sql/pglite-pgvector@0.0.15');
  writeFileSync(join(project, 'smoke.js'), SCRIPT);
  run(process.execPath, ['smoke.js'], project);
  writeFileSync(join(project, 'smoke.ts'), TYPED);
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  run(
    process.execPath,
    [
      compiler,
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--skipLibCheck',
      'false',
      '--types',
      '',
      'smoke.ts',
    ],
    project,
  );
  const help = run(join(project, 'node_modules/.bin/cdb'), ['--help'], project);
  if (!help.includes('migrate')) throw new Error('cdb --help does not list its commands.');
  writeFileSync(join(project, 'bench.config.mjs'), BENCH);
  const bench = run(join(project, 'node_modules/.bin/cdb'), ['bench', '--report', 'bench.html'], project);
  if (!bench.includes('all · 2 at a time')) throw new Error(`cdb bench told: ${bench}`);
  if (!readdirSync(project).includes('bench.html')) throw new Error('cdb bench wrote no page.');
  console.log('The packed package works from JavaScript, from TypeScript and by its command.');
} finally {
  rmSync(project, { recursive: true, force: true });
}
