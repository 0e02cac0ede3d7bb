import { user } from '../../src/index.ts';

/** Users by what they own of the 12,000 rows of a table. */
export const FEW = user({ sub: '00000000-0000-4000-8000-000000000001' });
export const MANY = user({ sub: '00000000-0000-4000-8000-000000000002' });
export const FAR = user({ sub: '00000000-0000-4000-8000-000000000003' });
export const NONE = user({ sub: '00000000-0000-4000-8000-000000000009' });

const DIMENSIONS = 96;
/** Near to the vectors of the first of twenty clusters, whose rows `FAR` does not own. */
export const FIRST_CLUSTER = vectorIn(0);

/** Near to those of a cluster that `FAR` owns all of in `shelves`. */
export const TENTH_CLUSTER = vectorIn(10);

function vectorIn(cluster: number): number[] {
  return Array.from({ length: DIMENSIONS }, (_, at) => Math.sin((cluster + 1) * (at + 1) * 1.7));
}

/**
 * `docs`, whose owners are spread over all clusters: FEW owns 1 in 100, MANY 6 in 10. `shelves`, with the same vectors, where FAR
 * owns the clusters 10 to 14 and nothing else. `loose` has no index on the owner, `plain` none at all.
 */
export const OWNED_SQL = `
  select setseed(0.42);
  create table docs (
    id int primary key, owner uuid not null, kind int not null, title text not null, v extensions.vector(${DIMENSIONS}) not null
  );
  insert into docs
  select i,
    ('00000000-0000-4000-8000-' || case when i % 100 = 0 then '000000000001' when i % 10 < 6 then '000000000002' else '000000000004' end)::uuid,
    i % 7, 'title ' || i, v.text::extensions.vector
  from generate_series(1, 12000) as i
  cross join lateral (
    select '[' || string_agg((sin((i % 20 + 1) * n * 1.7) + (random() - 0.5) * 0.6 + 0 * i)::text, ',' order by n) || ']' as text
    from generate_series(1, ${DIMENSIONS}) as n
  ) as v;
  create table shelves (like docs including all);
  insert into shelves
  select id, ('00000000-0000-4000-8000-' || case when id % 20 between 10 and 14 then '000000000003' else '000000000004' end)::uuid,
    kind, title, v
  from docs;
  create table loose as select * from docs;
  create table plain as select * from docs;
  create index docs_v on docs using hnsw (v extensions.vector_cosine_ops);
  -- With more links: between clusters that lie apart there are few, and with bad luck none is found.
  create index shelves_v on shelves using hnsw (v extensions.vector_cosine_ops) with (m = 32, ef_construction = 128);
  create index loose_v on loose using hnsw (v extensions.vector_cosine_ops);
  create index on docs (owner);
  create index on shelves (owner);
  do $$
  declare name text;
  begin
    foreach name in array array['docs', 'shelves', 'loose', 'plain'] loop
      execute format('alter table %I enable row level security', name);
      execute format('create policy own on %I to authenticated using (owner = (select auth.uid()))', name);
      execute format('grant all on %I to authenticated', name);
    end loop;
  end $$;
  analyze docs; analyze shelves; analyze loose; analyze plain;
`;
