import { beforeAll, expect, it } from 'vitest';
import { introspect } from '../../src/consolidated/catalog/introspect.ts';
import { INTROSPECTION_SQL } from '../../src/consolidated/catalog/introspection-sql.ts';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import { type CompileDatabase, describeDatabases } from '../compile/compile-database.ts';

const ROLES = ['anon', 'authenticated', 'service_role'];

const SQL = `
  do $$ begin
    if not exists (select from pg_roles where rolname = 'anon') then
      create role anon; create role authenticated; create role service_role bypassrls;
    end if;
  end $$;

  create schema plain;
  create table plain.words (id int primary key, word text);
  create index on plain.words (word);

  create table notes (
    id int primary key, owner int, team int, "Group" int, word text, kind int, flag bool,
    embedding vector(4), half halfvec(4), loose vector, "Odd ""one" vector(4), bits bit(4), sparse sparsevec(4), many vector(4)[]
  );
  create index on notes using hnsw (embedding vector_cosine_ops);
  create index on notes using hnsw (embedding vector_l2_ops) with (m = 4);
  create index on notes using hnsw (embedding vector_ip_ops) where flag;
  create index on notes using ivfflat (embedding vector_cosine_ops) with (lists = 7);
  create index on notes using ivfflat (half halfvec_l2_ops);
  create index on notes using hnsw (half halfvec_l1_ops);
  create index on notes using hnsw ((embedding::halfvec(4)) halfvec_cosine_ops);
  create index on notes using hnsw ((loose::halfvec(3)) halfvec_ip_ops);
  create index on notes using hnsw ((binary_quantize(embedding)::bit(4)) bit_hamming_ops);
  create index on notes using hnsw ((binary_quantize(half)::bit(4)) bit_jaccard_ops);
  create index on notes using hnsw ((subvector(embedding, 2, 3)::vector(3)) vector_cosine_ops);
  create index on notes using hnsw ((subvector(half, 1, 2)::halfvec(2)) halfvec_l2_ops);
  create index on notes using hnsw ("Odd ""one" vector_cosine_ops);
  create index on notes using hnsw ((subvector("Odd ""one", 1, 2)::vector(2)) vector_l2_ops);

  -- What no search asks for.
  create index on notes using hnsw ((l2_normalize(embedding)::vector(4)) vector_cosine_ops);
  create index on notes using hnsw ((subvector(embedding, 1, 3)::halfvec(3)) halfvec_cosine_ops);
  create index on notes using hnsw ((subvector(embedding, 1, kind)::vector(3)) vector_cosine_ops);
  create index on notes using hnsw ((binary_quantize(subvector(embedding, 1, 3))::bit(3)) bit_hamming_ops);
  create index on notes using hnsw ((loose::vector(3)) vector_cosine_ops) where kind = 3;
  create index on notes using hnsw (((embedding + embedding)::vector(4)) vector_cosine_ops);
  create index on notes using hnsw (bits bit_hamming_ops);
  create index on notes using hnsw ((sparse::halfvec(4)) halfvec_cosine_ops);
  create function public.binary_quantize(vector) returns varbit immutable language sql as $$ select '1111'::varbit $$;
  create index on notes using hnsw ((public.binary_quantize(embedding)::bit(4)) bit_jaccard_ops);

  create index on notes (owner, team);
  create index on notes using hash ("Group");
  create index on notes (kind) where flag;
  create index on notes (lower(word));
  create index on notes (word collate "C");
  create index on notes using brin (team);
  alter table notes enable row level security;
  create policy own on notes for select to authenticated using (owner = 1 or "Group" in (select n."Group" from notes n));
  create policy everything on notes for all to authenticated using (team = 1);
  create policy flagged on notes for select to anon using (flag);
  create policy everybody on notes for select using (id > 0);
  create policy writing on notes for update using (kind = 1);

  create table off (id int, owner int, v vector(3));
  create policy own on off using (owner = 1);
  insert into off select 1, 1, '[1,2,3]' from generate_series(1, 321);
  analyze off;

  create table parts (tenant int, owner int, v vector(3)) partition by list (tenant);
  create table parts_1 partition of parts for values in (1);
  create table parts_2 partition of parts for values in (2) partition by list (owner);
  create table parts_2_1 partition of parts_2 for values in (1);
  create table parts_2_2 partition of parts_2 default;
  create index on parts using hnsw (v vector_cosine_ops);
  create index on only parts using hnsw (v vector_l2_ops);
  create index on parts (owner);
  create index on only parts (tenant);
  insert into parts select 1, 1, '[1,2,3]' from generate_series(1, 200);
  insert into parts select 2, 1, '[1,2,3]' from generate_series(1, 30);
  analyze parts_1; analyze parts_2_1;
  create index on parts_1 using hnsw (v vector_l1_ops);
  create index on parts_2_1 using hnsw (v vector_l1_ops);
  create index on parts_2_2 using hnsw (v vector_l1_ops) with (m = 20);
  create index on parts_1 using ivfflat (v vector_ip_ops);
  create index on parts_2 using ivfflat (v vector_ip_ops) with (lists = 3);
  create index on parts_1 using ivfflat (v vector_cosine_ops);
  create index on parts_2_2 (tenant);
  create table no_parts (v vector(3)) partition by list (v);
  create index on no_parts using hnsw (v vector_cosine_ops);

  create table parents (id int primary key, v vector(3));
  create table children () inherits (parents);
  create index on parents using hnsw (v vector_cosine_ops);
  create index on parents using hnsw (v vector_l2_ops);
  create index on children using hnsw (v vector_l2_ops);
  insert into parents values (1, '[1,2,3]');
  insert into children values (1, '[1,2,3]');
  analyze parents; analyze children;

  create materialized view seen as select id, owner, embedding, half from notes;
  create index on seen using hnsw (embedding vector_cosine_ops);
  create unique index on seen (id);
  create view shown as select * from notes;
  create unique index seen_v on seen (owner) include (embedding);

  create table held (id int primary key, owner text, team int, "Odd ""name" int, v vector(3), h halfvec(3), w text collate "C");
  create index held_v on held (owner, team) include (id, v);
  create index held_h on held (team desc, h) include ("Odd ""name");
  create index held_odd on held ("Odd ""name") include (v, h);
  create index held_other on held (w) include (v);
  create index on held (owner) include (id, team);
  create index on held (owner, v) where team = 1;
  create index on held (owner, (team + 1)) include (v);
  create index on held (owner collate "C") include (v);
  create index on held using hash (owner);
  create index on held using hnsw (v vector_cosine_ops);
  create table held_parts (owner int, v vector(3)) partition by list (owner);
  create table held_parts_1 partition of held_parts for values in (1);
  create index on held_parts (owner) include (v);
  create table held_parents (owner int, v vector(3));
  create table held_children () inherits (held_parents);
  create index on held_parents (owner) include (v);
  create index held_children_v on held_children (owner) include (v);

  create domain place as vector(3);
  create table domains (v place);
  create table arrays (v vector(3)[]);
  create table dropped (id int, v vector(3));
  alter table dropped drop column v;
`;

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

async function read(database: CompileDatabase, schema = 'public'): Promise<Catalog> {
  return introspect(async (text, values) => (await database.query(text, values)).rows, [schema], ROLES);
}

describeDatabases('what searches by vectors may go by', SQL, (database) => {
  let catalog: Catalog;
  beforeAll(async () => {
    catalog = await read(database);
  });
  const searchable = (name: string, from = catalog) => from.relation('public', name)?.searchable;
  const indexes = (name: string, from = catalog) =>
    searchable(name, from)?.vectorIndexes.map(({ method, column, form, metric, isPartial, lists }) =>
      [
        method,
        column,
        ...Object.values(form),
        metric,
        ...(isPartial ? ['partial'] : []),
        ...(lists === undefined ? [] : [`lists ${lists}`]),
      ].join(' '),
    );

  const EXPECTED = [
    'hnsw embedding whole cosine',
    'hnsw embedding whole l2',
    'hnsw embedding whole innerProduct partial',
    'ivfflat embedding whole cosine lists 7',
    'ivfflat half whole l2 lists 100',
    'hnsw half whole l1',
    'hnsw embedding halfvec 4 cosine',
    'hnsw loose halfvec 3 innerProduct',
    'hnsw embedding binary 4 hamming',
    'hnsw half binary 4 jaccard',
    'hnsw embedding subvector 2 3 cosine',
    'hnsw half subvector 1 2 l2',
    'hnsw Odd "one whole cosine',
    'hnsw Odd "one subvector 1 2 l2',
  ];

  it('knows the indexes by column, form and metric, and leaves out those of other expressions', () => {
    expect(indexes('notes')).toEqual(EXPECTED);
  });

  it.each(['pg_catalog', 'extensions', 'extensions, public', 'plain'])(
    'reads them whatever the search path is: %s',
    async (path) => {
      await database.exec(`set search_path = ${path}`);
      try {
        expect(indexes('notes', await read(database))).toEqual(EXPECTED);
      } finally {
        await database.exec('set search_path = public, extensions');
      }
    },
  );

  it('knows the columns that lead a whole index of theirs', () => {
    expect([...(searchable('notes')?.indexedColumns ?? [])].sort()).toEqual(['Group', 'id', 'owner']);
  });

  it('knows the columns that policies for reading name, by role', () => {
    const columns = (name: string) =>
      Object.fromEntries(
        [...(searchable(name)?.policyColumnsByRole ?? [])].map(([role, names]) => [role, [...names].sort()]),
      );
    expect(columns('notes')).toEqual({
      anon: ['flag', 'id'],
      authenticated: ['Group', 'id', 'owner', 'team'],
    });
    expect(columns('off')).toEqual({});
  });

  it('knows the indexes that hold vectors beside other columns, those of parts only of the parts', async () => {
    const { rows } = await database.query('select oid, relname from pg_class');
    const names = new Map(rows.map(([oid, name]) => [Number(oid), name]));
    const covering = (name: string) =>
      searchable(name)?.coveringIndexes.map(({ oid, columns }) => [names.get(oid), ...columns].join(' '));
    expect(covering('held')).toEqual([
      'held_v owner team id v',
      'held_h team h Odd "name',
      'held_odd Odd "name v h',
      'held_other w v',
    ]);
    expect(covering('seen')).toEqual(['seen_v owner embedding']);
    expect(covering('held_parts')).toEqual([]);
    expect(covering('held_parts_1')).toEqual(['held_parts_1_owner_v_idx owner v']);
    expect(covering('held_parents')).toEqual([]);
    expect(covering('held_children')).toEqual(['held_children_v owner v']);
    expect(covering('notes')).toEqual([]);
  });

  it('does not know of invalid indexes', async () => {
    await database.exec('begin');
    try {
      await database.exec('create table half_built (v vector(3)) partition by list (v)');
      await database.exec('create table half_built_1 partition of half_built default');
      await database.exec('create index on only half_built using hnsw (v vector_cosine_ops)');
      expect(indexes('half_built', await read(database))).toEqual([]);
    } finally {
      await database.exec('rollback');
    }
    // It fails when it builds, and leaves the index behind.
    const failing = 'create index concurrently on half using hnsw (v vector_cosine_ops) with (m = 60)';
    await database.exec('create table half (v vector(3))');
    await expect(database.exec(failing)).rejects.toThrow('ef_construction');
    expect(indexes('half', await read(database))).toEqual([]);
    await database.exec("insert into half values ('[1,2,3]'), ('[1,2,3]')");
    const doubled = 'create unique index concurrently on half (v)';
    await expect(database.exec(doubled)).rejects.toThrow('could not create unique index');
    expect(searchable('half', await read(database))?.coveringIndexes).toEqual([]);
  });

  it('knows how many tables hold the rows, and by which column they are listed', () => {
    const divided = (name: string) => {
      const { parts, listedBy } = searchable(name) ?? {};
      return [parts, listedBy];
    };
    expect(divided('parts')).toEqual([3, 'tenant']);
    expect(divided('parts_2')).toEqual([2, 'owner']);
    expect(divided('parts_1')).toEqual([1, undefined]);
    expect(divided('parents')).toEqual([2, undefined]);
  });

  it('knows the indexes of a partitioned table that each part has, and the rows of all', () => {
    expect(indexes('parts')).toEqual([
      'hnsw v whole cosine',
      'hnsw v whole l1',
      'ivfflat v whole innerProduct lists 100',
    ]);
    expect(indexes('parts_2_1')).toEqual([
      'hnsw v whole cosine',
      'hnsw v whole l1',
      'ivfflat v whole innerProduct lists 3',
    ]);
    expect(indexes('no_parts')).toEqual(['hnsw v whole cosine']);
    expect([...(searchable('parts')?.indexedColumns ?? [])]).toEqual(['owner']);
    expect(searchable('parts')?.rows).toBe(230);
    expect(searchable('parts_2')?.rows).toBe(30);
    expect(searchable('parts_2_2')?.rows).toBeUndefined();
    expect(searchable('no_parts')?.rows).toBe(0);
  });

  it('knows how many rows there are by the statistics, if there are any', () => {
    expect(searchable('off')?.rows).toBe(321);
    expect(searchable('notes')?.rows).toBeUndefined();
  });

  it('counts the rows of tables that inherit, and knows the indexes that all of them have', () => {
    expect(searchable('parents')).toMatchObject({ rows: 2, indexedColumns: new Set() });
    expect(indexes('parents')).toEqual(['hnsw v whole l2']);
  });

  it('knows the same of a materialized view, and nothing of a view', () => {
    expect(indexes('seen')).toEqual(['hnsw embedding whole cosine']);
    expect(searchable('seen')).toMatchObject({
      indexedColumns: new Set(['id', 'owner']),
      policyColumnsByRole: new Map(),
    });
    expect(catalog.relation('public', 'shown')).toMatchObject({ searchable: undefined });
  });

  it('knows nothing of relations without a vector column', () => {
    for (const name of ['domains', 'arrays', 'dropped']) {
      expect(catalog.relation('public', name)).toMatchObject({ name, searchable: undefined });
    }
  });

  it('looks for no index where no relation has a vector column', async () => {
    const loops = async (schema: string) => {
      const { rows } = await database.query(
        `explain (analyze, timing off, format json) ${INTROSPECTION_SQL}`,
        [`{${schema}}`, `{${ROLES}}`],
      );
      const [{ Plan }] = JSON.parse(String(rows[0]?.[0])) as [{ Plan: PlanNode }];
      return nodesOf(Plan)
        .filter((node) => ['pg_am', 'pg_opclass'].includes(node['Relation Name'] ?? ''))
        .map((node) => node['Actual Loops']);
    };
    const read = await loops('plain');
    expect(read.length).toBeGreaterThan(0);
    expect(read.filter((each) => each > 0)).toEqual([]);
    expect((await loops('public')).filter((each) => each > 0).length).toBeGreaterThan(0);
  });
});
