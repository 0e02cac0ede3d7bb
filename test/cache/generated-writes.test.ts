import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { touchedBy } from '../../src/consolidated/cache/dependencies.ts';
import { DatabaseError } from '../../src/contract/errors.ts';
import { type DisposableAdmin, openEmbeddedAdmin } from '../ops/embedded-admin.ts';
import { catalogOf } from './dependency-schema.ts';

const ACTION = fc.constantFrom('no action', 'cascade', 'set null', 'set default', 'restrict');

/** A table with foreign keys to any tables, itself among them. */
const TABLE = fc.record({
  parent: fc.option(fc.nat(), { nil: undefined }),
  keys: fc.array(
    fc.record({
      to: fc.nat(),
      column: fc.constantFrom('id', 'code'),
      onUpdate: ACTION,
      onDelete: ACTION,
    }),
    { maxLength: 2 },
  ),
});

const SCHEMA = fc.array(TABLE, { minLength: 2, maxLength: 7 });

/** Some 0.5 s for each. */
const SCHEMAS = Number(process.env.CDB_GENERATED_SCHEMAS ?? 12);

const WRITES = {
  insert: (name: string) => `insert into ${name} (id, code) values (90, 90)`,
  update: (name: string) => `update ${name} set id = id + 50, code = code + 50`,
  upsert: (name: string) =>
    `insert into ${name} (id, code) values (1, 1) on conflict (id) do update set id = 60, code = 60`,
  delete: (name: string) => `delete from ${name}`,
} as const;

describe('what a write touches, of generated schemas', () => {
  let database: DisposableAdmin;
  let changed = 0;

  beforeAll(async () => {
    database = await openEmbeddedAdmin();
  });
  afterAll(() => database.close());

  it('is at least what it changes', { timeout: 60_000 + SCHEMAS * 10_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(SCHEMA, async (schema) => {
        await database.script(`drop schema if exists app cascade; create schema app; ${sqlOf(schema)}`);
        const catalog = await catalogOf(database, ['app'], ['anon']);
        for (const index of schema.keys()) {
          for (const kind of ['insert', 'update', 'upsert', 'delete'] as const) {
            for (const name of [`app.t${index}`, `app.v${index}`]) {
              const changes = await changesOf(database, schema.length, WRITES[kind](name));
              const touched = touchedBy(catalog, name, kind, new Map());
              expect([kind, name, touched]).toEqual([kind, name, expect.arrayContaining(changes)]);
              changed += changes.length;
            }
          }
        }
      }),
      { numRuns: SCHEMAS },
    );
    expect(changed).toBeGreaterThan(SCHEMAS * 10);
  });
});

type Generated = typeof SCHEMA extends fc.Arbitrary<infer Value> ? Value : never;

/** Each table has a view that can be written through. An inheriting one has its rows in its parent as well. */
function sqlOf(schema: Generated): string {
  const tables = schema.map(({ parent, keys }, index) => {
    const inherits = parent === undefined || index === 0 ? '' : `inherits (app.p${parent % 2})`;
    const columns = keys.map((_, key) => `, k${key} int`).join('');
    return `create table app.t${index} (id int primary key, code int unique ${columns}) ${inherits};
      create view app.v${index} as select id, code from app.t${index} where exists (select from app.p0) or true;
      insert into app.t${index} (id, code) values (1, 1), (2, 2), (3, 3);`;
  });
  const keys = schema.flatMap((table, index) =>
    table.keys.map(
      (
        { to, column, onUpdate, onDelete },
        key,
      ) => `update app.t${index} set k${key} = ((id + ${key}) % 3) + 1;
        alter table app.t${index} add foreign key (k${key}) references app.t${to % schema.length} (${column})
          on update ${onUpdate} on delete ${onDelete};`,
    ),
  );
  const parents = 'create table app.p0 (id int); create table app.p1 (code int);';
  return [parents, ...tables, ...keys].join('\n');
}

/** Tables, named by what is at their top, whose rows a statement changes. A statement that a foreign key refuses changes none. */
async function changesOf(database: DisposableAdmin, tables: number, statement: string): Promise<string[]> {
  const contents = Array.from(
    { length: tables },
    (_, index) =>
      `select ${index} as number, (select json_agg(r order by r::text) from app.t${index} r)::text as rows`,
  ).join(' union all ');
  const rows = () => database.query<{ number: number; rows: string | null }>(`${contents} order by 1`);
  const tops = await database.query<{ name: string }>(
    `select coalesce((select i.inhparent::regclass::text from pg_inherits i where i.inhrelid = c.oid), c.oid::regclass::text) as name
     from pg_class c where c.relname like 't_' and c.relnamespace = 'app'::regnamespace order by c.relname`,
  );
  const before = await rows();
  await database.script('begin');
  try {
    await database.script(statement);
    const after = await rows();
    return tops.filter((_, index) => before[index]?.rows !== after[index]?.rows).map(({ name }) => name);
  } catch (error) {
    if (error instanceof DatabaseError && error.sqlState?.startsWith('23')) return [];
    throw error;
  } finally {
    await database.script('rollback');
  }
}
