import { user } from '../../src/index.ts';

export const ANA = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';

/**
 * Ben's rows are the nearest to the origin; ana's are every thirtieth. No two are equally near, by whole numbers of which every
 * processor makes the same distance. Nothing but the index of the vectors of `indexed` finds rows, and badly those of ana.
 */
export const SPOTS_SQL = `
  create table spots (
    id int primary key, owner uuid not null, folder int not null, at extensions.vector(3), half extensions.halfvec(3)
  );
  insert into spots
  select i, case when i % 30 = 0 then '${ANA}'::uuid else '${BEN}'::uuid end, i % 7,
    case when i % 30 = 0 then format('[%s,0,0]', 4000 + i) else format('[0,0,%s]', i) end::extensions.vector,
    format('[1,%s,0]', i)::extensions.halfvec
  from generate_series(1, 3000) i;
  insert into spots values (5000, '${ANA}', 0, null, '[0,0,9]');
  create table indexed (like spots including all);
  insert into indexed select * from spots;
  create index indexed_at on indexed using hnsw (at extensions.vector_l2_ops);
  create table pairs (a int, b text, at extensions.vector(3) not null, primary key (a, b));
  insert into pairs select i % 3, 'b' || i, format('[%s,1,0]', i)::extensions.vector from generate_series(1, 30) i;
  create table parted (like spots) partition by list (folder);
  create table parted_some partition of parted for values in (0, 1, 2);
  create table parted_others partition of parted default;
  alter table parted add primary key (id, folder);
  insert into parted select * from spots;
  create index on parted using hnsw (at extensions.vector_l2_ops);
  create view seen with (security_invoker) as select * from indexed;
  do $$
  declare name text;
  begin
    foreach name in array array['spots', 'indexed', 'parted'] loop
      execute format('alter table %I enable row level security', name);
      execute format('create policy own on %I to authenticated using (owner = auth.uid())', name);
    end loop;
  end $$;
  grant all on spots, indexed, pairs, parted, seen to authenticated, service_role;
  analyze spots, indexed, pairs, parted;
`;

export const ana = user({ sub: ANA });
export const by = { column: 'at', metric: 'l2', columns: ['id', 'owner'] } as const;
export const search = { ...by, vector: [0, 0, 0] } as const;
export const at = (x: number) => [x, 0, 0];
export const IN_TRANSACTIONS = ['direct', 'session', 'embedded'] as const;

export interface Spot {
  readonly id: number;
  readonly owner: string;
  readonly similarity: number;
}

export interface Told {
  readonly rows: readonly Spot[];
  readonly search: { readonly plan: string; readonly scanned: number; readonly recallClass: string };
}

export const ids = (rows: unknown) => (rows as readonly Spot[]).map(({ id }) => id);
/** Every thirtieth, those of ana. */
export const every30th = (count: number, from = 30) => Array.from({ length: count }, (_, n) => from + 30 * n);
