import { DEFAULT_LISTS } from './vector-index.ts';

/**
 * Relations with a column of pgvector's types vector or halfvec. It stands behind `exposed`.
 *
 * They are found by what depends on the types: a database without such columns costs two look-ups.
 */
export const SEARCHED_CTE = `
searched as materialized (
  select c.oid, c.reltype, c.relrowsecurity, c.relforcerowsecurity, c.relowner, v.extnamespace, v.columns, v.places
  from (
    select d.objid, x.extnamespace, json_agg(json_build_array(a.attname, t.typname)) as columns,
      array_agg(a.attnum) as places
    from pg_catalog.pg_extension x
    join pg_catalog.pg_type t on t.typnamespace = x.extnamespace and t.typname in ('vector', 'halfvec')
    join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_type'::regclass and d.refobjid = t.oid
      and d.classid = 'pg_catalog.pg_class'::regclass and d.objsubid > 0
    join pg_catalog.pg_attribute a on a.attrelid = d.objid and a.attnum = d.objsubid and a.atttypid = t.oid
    where x.extname = 'vector'
    group by d.objid, x.extnamespace
  ) v
  join exposed e on e.oid = v.objid
  join pg_catalog.pg_class c on c.oid = e.oid
  where c.relkind in ('r', 'p', 'm')
)`;

/** Parts of which the reads are counted. Of more the counting would cost a good part of a search. */
const MOST_COUNTED = 64;

/** Of pgvector, by what they have in common in all parts. `parts.oids` are the tables that hold the rows of `s`. */
const VECTOR_INDEXES = `
select json_agg(json_build_array(g.amname, g.opcname, g.attname, g.expression, g.partial, g.lists, g.oids) order by g.place)
from (
  select m.amname, o.opcname, a.attname, f.expression, i.indpred is not null as partial, max(f.lists) as lists,
    min(i.indexrelid) as place, case when cardinality(parts.oids) <= ${MOST_COUNTED} then json_agg(i.indexrelid::int8) end as oids
  from pg_catalog.pg_index i
  join pg_catalog.pg_class x on x.oid = i.indexrelid
  join pg_catalog.pg_am m on m.oid = x.relam and m.amname in ('hnsw', 'ivfflat')
  join pg_catalog.pg_opclass o on o.oid = i.indclass[0] and o.opcnamespace = s.extnamespace
  left join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
  cross join lateral (
    select case when i.indexprs is not null then pg_catalog.pg_get_indexdef(i.indexrelid, 1, false) end as expression,
      case when m.amname = 'ivfflat' then coalesce((
        select l.option_value::int4 from pg_catalog.pg_options_to_table(x.reloptions) l where l.option_name = 'lists'
      ), ${DEFAULT_LISTS}) end as lists
  ) f
  where i.indrelid = any (parts.oids) and i.indisvalid
    -- A function may have the name of one of pgvector's, and hide it.
    and not exists (
      select from regexp_matches(i.indexprs::text, ':funcid (\\d+)', 'g') as f (oids)
      join pg_catalog.pg_proc p on p.oid = f.oids[1]::oid
      where p.pronamespace not in (s.extnamespace, 'pg_catalog'::regnamespace)
    )
  group by 1, 2, 3, 4, 5
  having count(distinct i.indrelid) = cardinality(parts.oids)
) g`;

const INDEXED_COLUMNS = `
select json_agg(g.attname)
from (
  select a.attname
  from pg_catalog.pg_index i
  join pg_catalog.pg_class x on x.oid = i.indexrelid
  join pg_catalog.pg_am m on m.oid = x.relam and m.amname in ('btree', 'hash')
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
  where i.indrelid = any (parts.oids) and i.indisvalid and i.indpred is null
    and i.indcollation[0] in (0, a.attcollation)
  group by 1
  having count(distinct i.indrelid) = cardinality(parts.oids)
) g`;

/** Without parts only: those of a partitioned table have indexes of their own. */
const COVERING_INDEXES = `
select json_agg(json_build_array(g.oid, g.names) order by g.oid)
from (
  select i.indexrelid::int8 as oid, json_agg(a.attname order by k.place) as names
  from pg_catalog.pg_index i
  join pg_catalog.pg_class x on x.oid = i.indexrelid and x.relkind = 'i'
  join pg_catalog.pg_am m on m.oid = x.relam and m.amname = 'btree'
  join pg_catalog.pg_attribute f on f.attrelid = i.indrelid and f.attnum = i.indkey[0]
  cross join lateral unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
  where i.indrelid = s.oid and cardinality(parts.oids) = 1 and i.indkey::int2[] && s.places
    and i.indisvalid and i.indpred is null and i.indexprs is null and i.indcollation[0] in (0, f.attcollation)
  group by 1
) g`;

const POLICY_COLUMNS = `
select json_agg(json_build_array(r.rolname, n.names))
from roles r
cross join lateral (
  select json_agg(distinct a.attname) as names
  from pg_catalog.pg_policy p
  join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_policy'::regclass and d.objid = p.oid
    and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = p.polrelid
  join pg_catalog.pg_attribute a on a.attrelid = p.polrelid and a.attnum = d.refobjsubid
  where p.polrelid = s.oid and p.polcmd in ('r', '*') and exists (
    select from unnest(p.polroles) as g (role) where g.role = 0 or pg_has_role(r.oid, g.role, 'usage')
  )
) n
where s.relrowsecurity and not (r.rolsuper or r.rolbypassrls) and n.names is not null
  and (s.relforcerowsecurity or not pg_has_role(r.oid, s.relowner, 'usage'))`;

/**
 * A field of the document, which stands behind `roles` and `searched`. Everything in it is asked for each relation of
 * `searched`, so that nothing is read without one.
 */
export const SEARCHABLE_FIELD = `
  'searchable', (
    select coalesce(json_agg(json_build_array(
        s.reltype::int8,
        s.columns,
        coalesce((${VECTOR_INDEXES}), '[]'),
        coalesce((${INDEXED_COLUMNS}), '[]'),
        coalesce((${POLICY_COLUMNS}), '[]'),
        -- -1: never analyzed.
        (
          select case when count(*) = 0 then 0 else sum(c.reltuples::float8) filter (where c.reltuples >= 0) end
          from pg_catalog.pg_class c
          where c.oid = any (parts.oids) and c.relkind <> 'p'
        ),
        cardinality(parts.oids),
        case when cardinality(parts.oids) <= ${MOST_COUNTED} then to_json(parts.oids::int8[]) end,
        (
          select a.attname
          from pg_catalog.pg_partitioned_table d
          join pg_catalog.pg_attribute a on a.attrelid = d.partrelid and a.attnum = d.partattrs[0]
          where d.partrelid = s.oid and d.partstrat = 'l'
        ),
        coalesce((${COVERING_INDEXES}), '[]')
      )), '[]')
    from searched s
    cross join lateral (
      with recursive tree (oid) as (
        select s.oid
        union
        select h.inhrelid from tree t join pg_catalog.pg_inherits h on h.inhparent = t.oid
      )
      -- A partitioned table without a part stands for those that it will have.
      select coalesce(array_agg(c.oid) filter (where c.relkind <> 'p'), array[s.oid]) as oids
      from tree t
      join pg_catalog.pg_class c on c.oid = t.oid
    ) parts
  )`;
