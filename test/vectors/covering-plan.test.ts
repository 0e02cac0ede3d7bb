import { beforeAll, expect, it } from 'vitest';
import { introspect } from '../../src/consolidated/catalog/introspect.ts';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import type { Compiled } from '../../src/consolidated/compile/compiled.ts';
import { PlanCache } from '../../src/consolidated/compile/plan-cache.ts';
import { path } from '../../src/consolidated/filters/path.ts';
import { compileHybridSearch } from '../../src/consolidated/vectors/hybrid-search.ts';
import type { VectorSearchOptions } from '../../src/consolidated/vectors/search-options.ts';
import { fewRows } from '../../src/consolidated/vectors/search-tuning.ts';
import { compileVectorSearch } from '../../src/consolidated/vectors/vector-search.ts';
import { op } from '../../src/index.ts';
import { type CompileDatabase, describeDatabases } from '../compile/compile-database.ts';

/** Rows are wide and lie apart, so that an index that holds the vectors is much smaller than the table. */
const SQL = `
  do $$ begin
    if not exists (select from pg_roles where rolname = 'anon') then
      create role anon; create role authenticated; create role service_role bypassrls;
    end if;
  end $$;
  create type mood as enum ('calm', 'glad');
  create table notes (
    id int primary key, owner int not null, team int not null, kind int not null, part int not null, code int, mood mood not null,
    facts jsonb not null, body text not null, v vector(8), unique (part, mood), unique (code)
  );
  insert into notes
  select i, i % 20, i % 2, i % 7, i, i, 'glad', '{}', repeat('x', 900), format('[%s,1,1,1,1,1,1,1]', i)::vector
  from generate_series(1, 4000) as i;
  alter table notes enable row level security;
  create policy own on notes for select to authenticated, anon using (owner = current_setting('test.owner')::int);
  create table teams as table notes;
  alter table teams add primary key (id);
  alter table teams enable row level security;
  create policy own on teams for select to authenticated
    using (owner = current_setting('test.owner')::int and team = 0);
  create table shelves as select * from notes order by owner;
  alter table shelves add primary key (id);
  alter table shelves enable row level security;
  create policy own on shelves for select to authenticated using (owner = current_setting('test.owner')::int);
  grant usage on schema extensions to anon, authenticated, service_role;
  grant select on notes, teams, shelves to authenticated, service_role;
  revoke all on notes from anon;
  grant select (owner, body, kind, v) on notes to anon;
  create index on notes (owner);
  create index on teams (owner);
  analyze;
  set test.owner = '3';
`;

/** Of a vector of eight dimensions. */
const HELD_BYTES = 40;
const VECTOR = [1, 2, 3, 4, 5, 6, 7, 8];

describeDatabases('a search of an index that holds the vectors', SQL, (database) => {
  /** What was compiled before and after an index is there. */
  async function withIndex<T>(index: string, then: (catalog: Catalog) => Promise<T> | T): Promise<T> {
    await database.exec(`create index covering on ${index}`);
    for (const table of ['notes', 'teams', 'shelves']) {
      await vacuum(database, table);
    }
    try {
      return await then(await read(database));
    } finally {
      await database.exec('drop index covering');
    }
  }

  interface Search extends Partial<VectorSearchOptions> {
    readonly table?: string;
    readonly role?: string;
  }

  function compile(catalog: Catalog, { table = 'notes', role = 'authenticated', ...options }: Search = {}) {
    const context = database.context({ catalog, role, plans: new PlanCache() });
    const asked = { columns: ['body'], metric: 'l2' as const, recall: 'exact' as const, ...options };
    return compileVectorSearch(context, table, asked.near ? asked : { vector: VECTOR, ...asked });
  }

  const text = ({ statement }: Compiled) => statement.plan.text;

  /** Of the rows, and of the document of transaction mode. */
  async function plans({ statement: { plan, values } }: Compiled, role = 'authenticated'): Promise<string[]> {
    await database.exec(`set role ${role}`);
    try {
      const texts = [
        [plan.text, values],
        [plan.document, [...values, 'nonce']],
      ] as const;
      const all: string[] = [];
      for (const [text, bound] of texts) {
        const { rows } = await database.query(`explain (costs off) ${text}`, bound);
        all.push(rows.map(([line]) => line).join('\n'));
      }
      return all;
    } finally {
      await database.exec('reset role');
    }
  }

  const INDEX_ONLY = /Index Only Scan using covering on notes/g;
  const ROW = /Index Scan using notes_pkey on notes/g;

  let bare: Catalog;
  beforeAll(async () => {
    bare = await read(database);
  });

  it('compares the rows by the index alone, and reads those of the answer by their key', () =>
    withIndex('notes (owner) include (id, v)', async (catalog) => {
      for (const plan of await plans(compile(catalog))) {
        expect(plan.match(INDEX_ONLY)).toHaveLength(1);
        expect(plan.match(ROW)).toHaveLength(1);
        expect(plan).not.toContain('Bitmap');
      }
    }));

  it('looks them up one by one, also where those of an owner lie together and the planner takes the limit for a tenth', () =>
    withIndex('shelves (owner) include (id, v)', async (catalog) => {
      const { plan, values } = compile(catalog, { table: 'shelves' }).statement;
      await database.exec('set role authenticated; set plan_cache_mode = force_generic_plan');
      await database.exec(`prepare covered as ${plan.text}`);
      try {
        const given = values.map((value) => `'${value}'`);
        const { rows } = await database.query(`explain (costs off) execute covered(${given})`);
        const lines = rows.map(([line]) => line).join('\n');
        expect(lines).toContain('Index Only Scan using covering');
        expect(lines).toContain('Index Scan using shelves_pkey');
      } finally {
        await database.exec('deallocate covered; reset plan_cache_mode; reset role');
      }
    }));

  it('does so in each part that compares all rows', () =>
    withIndex('notes (owner) include (id, v)', async (catalog) => {
      // Few ones, and those of an index that was short.
      for (const plan of await plans(compile(catalog, { recall: 'balanced', filters: { owner: 3 } }))) {
        expect(plan.match(ROW)).toHaveLength(2);
        expect(plan.match(INDEX_ONLY)?.length).toBeGreaterThanOrEqual(2);
      }
    }));

  it('needs no key where the index holds what is asked', () =>
    withIndex('notes (owner) include (kind, v)', async (catalog) => {
      const search = { columns: ['kind', 'v'] };
      expect(text(compile(catalog, search))).not.toContain('lateral');
      for (const plan of await plans(compile(catalog, search))) {
        expect(plan.match(INDEX_ONLY)).toHaveLength(1);
        expect(plan.match(ROW)).toBeNull();
      }
    }));

  it.each<[string, string, Search]>([
    [
      'the column that leads the index is filtered',
      'notes (kind) include (id, v, owner)',
      { filters: { kind: 2 } },
    ],
    [
      'a filter names a column of the index',
      'notes (owner) include (id, v, kind)',
      { filters: { kind: op.gt(2) } },
    ],
    [
      'the role bypasses policies',
      'notes (owner) include (id, v)',
      { role: 'service_role', filters: { owner: 3 } },
    ],
    ['a row is named whose vector is compared with', 'notes (owner) include (id, v)', { near: { id: 3 } }],
    ['the key has several columns', 'notes (owner) include (part, mood, v)', {}],
    ['the vector is a key of the index', 'notes (owner, v, id)', {}],
    ['a path is asked', 'notes (owner) include (id, v)', { columns: ['id', path('facts', 'a')] }],
    ['both columns of a policy are in the index', 'teams (owner) include (id, v, team)', { table: 'teams' }],
  ])('reads narrowly where %s', (_, index, search) =>
    withIndex(index, async (catalog) => {
      expect(text(compile(catalog, search))).toContain('lateral');
      for (const plan of await plans(compile(catalog, search), search.role)) {
        expect(plan).toContain('Index Only Scan using covering');
      }
    }),
  );

  it.each<[string, string, Search]>([
    ['no column of a filter or policy leads the index', 'notes (kind) include (id, v, owner)', {}],
    ['a filter names another column', 'notes (owner) include (id, v)', { filters: { kind: 2 } }],
    [
      'a filter names another path',
      'notes (owner) include (id, v)',
      { filters: [path('facts', 'a').where('b')] },
    ],
    ['a policy names another column', 'teams (owner) include (id, v)', { table: 'teams' }],
    [
      'the role bypasses policies and no filter names the column',
      'notes (owner) include (id, v)',
      { role: 'service_role' },
    ],
    ['the index holds no key', 'notes (owner) include (kind, v)', {}],
    ['the index holds a part of a key', 'notes (owner) include (part, v)', {}],
    ['the columns of a unique key may be null', 'notes (owner) include (code, v)', {}],
    ['the role may not read the key', 'notes (owner) include (id, v)', { role: 'anon' }],
    ['the row of near is named by another key', 'notes (owner) include (id, v)', { near: { code: 3 } }],
    ['many rows are asked for', 'notes (owner) include (id, v)', { limit: 1_025 }],
    ['the index is partial', 'notes (owner) include (id, v) where kind > 0', {}],
    ['the index is on an expression', 'notes (owner, (kind + 1)) include (id, v)', {}],
    ['the index holds no vector', 'notes (owner) include (id)', {}],
  ])('stays as it is where %s', (_, index, search) =>
    withIndex(index, (catalog) => {
      for (const recall of ['exact', 'balanced'] as const) {
        const [before, after] = [bare, catalog].map((each) => compile(each, { ...search, recall }));
        const numbered = (compiled: Compiled | undefined) => compiled?.statement;
        expect(numbered(after)?.plan.text).toBe(numbered(before)?.plan.text);
        expect(numbered(after)?.values).toEqual(numbered(before)?.values);
      }
    }),
  );

  it('answers a role that may not read the key', () =>
    withIndex('notes (owner) include (id, v)', async (catalog) => {
      const { statement } = compile(catalog, { role: 'anon', limit: 2 });
      await database.exec('set role anon');
      try {
        const { rows } = await database.query(statement.plan.text, statement.values);
        expect(rows.map((row) => row[2])).toEqual(['x'.repeat(900), 'x'.repeat(900)]);
      } finally {
        await database.exec('reset role');
      }
    }));

  it('is not kept for a role that it does not serve', () =>
    withIndex('notes (owner) include (id, v)', (catalog) => {
      const one = new PlanCache();
      const searched = ['authenticated', 'anon', 'service_role', 'authenticated'].map((role) => {
        const options = { vector: VECTOR, columns: ['body'], exact: true };
        return text(compileVectorSearch(database.context({ catalog, role, plans: one }), 'notes', options));
      });
      expect(searched.map((each) => each.includes('t."id"'))).toEqual([true, false, false, true]);
    }));

  it('takes more rows for few', () =>
    withIndex('notes (owner) include (id, v)', (catalog) => {
      const [few, covered] = [bare, catalog].map(
        (each) => compile(each, { recall: 'balanced' }).statement.values,
      );
      expect(few).toContain(`${fewRows(20, 4_000)}`);
      expect(covered).toContain(`${fewRows(20, 4_000, HELD_BYTES)}`);
      expect(fewRows(20, 4_000, HELD_BYTES)).toBeGreaterThan(2 * fewRows(20, 4_000));
    }));

  it('serves the list of the vector in a hybrid search', () =>
    withIndex('notes (owner) include (id, v)', async (catalog) => {
      const context = database.context({ catalog, role: 'authenticated', plans: new PlanCache() });
      const found = compileHybridSearch(context, 'notes', {
        ...{ text: 'x', textColumn: 'body', vector: VECTOR, columns: ['body'], metric: 'l2' },
      });
      expect(found.statement.values).toContain(`${fewRows(200, 4_000, HELD_BYTES)}`);
      for (const plan of await plans(found)) expect(plan).toMatch(INDEX_ONLY);
    }));
});

/** A vacuum marks no page that is new to a statement that still runs, such as an analyze of the server's own. */
async function vacuum(database: CompileDatabase, table: string): Promise<void> {
  const unseen = `select from pg_class where oid = '${table}'::regclass and relallvisible < relpages * 0.9`;
  do await database.exec(`vacuum analyze ${table}`);
  while ((await database.query(unseen)).rows.length > 0);
}

function read(database: CompileDatabase): Promise<Catalog> {
  return introspect(
    async (text, values) => (await database.query(text, values)).rows,
    ['public'],
    ['anon', 'authenticated', 'service_role'],
  );
}
