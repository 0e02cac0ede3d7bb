import { RELATION_GRAPH_CTES, RELATION_GRAPH_FIELD } from './relation-graph-sql.ts';
import { SEARCHABLE_FIELD, SEARCHED_CTE } from './searchable-sql.ts';

/**
 * The one statement that reads the catalog. `$1` is the text array of exposed schemas, `$2` that of the roles that the
 * service may act as.
 *
 * It returns ONE row with ONE text column, so that it can run through transaction poolers, and reads
 * only what every login may read: it needs no table grant. Runs on PostgreSQL 15 and later.
 *
 * Rows are JSON arrays instead of objects: with a schema of 200 tables the field names would be
 * most of the document. `Introspection` names the positions.
 */
export const INTROSPECTION_SQL = `
with recursive roles as (
  select r.oid, r.rolname, r.rolsuper, r.rolbypassrls from pg_catalog.pg_roles r where r.rolname = any ($2::text[])
),
exposed as (
  select c.oid, c.relnamespace, n.nspname, c.relname, c.relkind, c.reltype, c.relrowsecurity, c.relispartition,
    c.relkind <> 'p' and c.relhassubclass as has_children
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p', 'v', 'm', 'f')
),
columns as (
  select a.attrelid, json_agg(json_build_array(
      a.attname,
      a.atttypid::int8,
      a.atttypmod,
      not (a.attnotnull or (t.typtype = 'd' and t.typnotnull)),
      a.atthasdef or a.attidentity <> '' or (t.typtype = 'd' and t.typdefault is not null),
      a.attgenerated <> '' or a.attidentity = 'a',
      -- Without a right of its own, a column has those of its relation.
      case when a.attacl is not null then (
        select coalesce(json_agg(r.rolname order by r.rolname), '[]')
        from roles r
        where has_schema_privilege(r.oid, e.relnamespace, 'usage')
          and has_column_privilege(r.oid, e.oid, a.attnum, 'select, insert, update, references')
      ) end
    ) order by a.attnum) as list
  from exposed e
  join pg_catalog.pg_attribute a on a.attrelid = e.oid
  join pg_catalog.pg_type t on t.oid = a.atttypid
  where a.attnum > 0 and not a.attisdropped
  group by a.attrelid
),
keys as (
  select i.indrelid, json_agg(json_build_array(i.indisprimary, k.names, x.relname,
      i.indimmediate and k.compares_alike and not e.has_children) order by i.indisprimary desc, i.indexrelid) as list
  from exposed e
  join pg_catalog.pg_index i on i.indrelid = e.oid
  join pg_catalog.pg_class x on x.oid = i.indexrelid
  cross join lateral (
    select json_agg(a.attname order by u.place) as names,
      bool_and((i.indcollation::oid[])[u.place - 1] in (0, a.attcollation)) as compares_alike
    from unnest(i.indkey::int2[]) with ordinality as u (attnum, place)
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.attnum
    where u.place <= i.indnkeyatts
  ) k
  where i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
    and (i.indisprimary or not i.indisexclusion)
  group by i.indrelid
),
writes as (
  select * from (values ('update', 4, 16, '2'), ('delete', 16, 8, '4')) as w (write, updatable, trigger, event)
),
-- What the server is not asked about: without a handler of its wrapper, 55000 is all that it says of a foreign table.
unhandled (oid) as (
  select f.ftrelid
  from pg_catalog.pg_foreign_table f
  join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
  join pg_catalog.pg_foreign_data_wrapper x on x.oid = s.srvfdw
  where x.fdwhandler = 0
  union
  select u.ev_class
  from unhandled h
  join pg_catalog.pg_depend d on d.refobjid = h.oid
    and d.refclassid = 'pg_catalog.pg_class'::regclass and d.classid = 'pg_catalog.pg_rewrite'::regclass
  join pg_catalog.pg_rewrite u on u.oid = d.objid and u.ev_type = '1'
),
replaced (oid, write) as (
  (
    -- 64: INSTEAD OF.
    select g.tgrelid, w.write
    from pg_catalog.pg_trigger g
    join writes w on g.tgtype & w.trigger <> 0
    where g.tgtype & 64 <> 0
    union all
    select u.ev_class, w.write
    from pg_catalog.pg_rewrite u
    join writes w on u.ev_type = w.event::"char"
    where u.is_instead
    union all
    select e.oid, w.write
    from exposed e
    cross join writes w
    where case
      when e.relkind <> 'v' then false
      when exists (select from unhandled h where h.oid = e.oid) then true
      else pg_relation_is_updatable(e.oid, false) & w.updatable = 0
    end
  )
  union
  -- A write to a view is one to the view beneath it.
  select u.ev_class, r.write
  from replaced r
  join pg_catalog.pg_depend d on d.refobjid = r.oid
    and d.refclassid = 'pg_catalog.pg_class'::regclass and d.classid = 'pg_catalog.pg_rewrite'::regclass
  join pg_catalog.pg_rewrite u on u.oid = d.objid and u.ev_type = '1'
),
${RELATION_GRAPH_CTES},
${SEARCHED_CTE}
select json_build_object(
  'relations', (
    select coalesce(json_agg(json_build_array(
        e.nspname, e.relname, e.relkind, e.reltype::int8, coalesce(c.list, '[]'), coalesce(k.list, '[]'),
        e.relrowsecurity, v.relation, v.columns, v.readers, coalesce(w.writes, '[]'), o.names
      )), '[]')
    from exposed e
    cross join lateral (
      select
        coalesce(json_agg(r.rolname order by r.rolname), '[]') as relation,
        coalesce(json_agg(r.rolname order by r.rolname) filter (
          where has_table_privilege(r.oid, e.oid, 'select, insert, update, references')
        ), '[]') as columns,
        coalesce(json_agg(r.rolname order by r.rolname) filter (
          where not e.relrowsecurity or r.rolsuper or r.rolbypassrls or exists (
            select from pg_catalog.pg_policy p
            cross join lateral unnest(p.polroles) as o (role)
            where p.polrelid = e.oid and p.polpermissive and p.polcmd in ('r', '*')
              and (o.role = 0 or pg_has_role(r.oid, o.role, 'usage'))
          )
        ), '[]') as readers
      from roles r
      where has_schema_privilege(r.oid, e.relnamespace, 'usage')
        and (
          has_any_column_privilege(r.oid, e.oid, 'select, insert, update, references')
          or has_table_privilege(r.oid, e.oid, 'delete, truncate, trigger')
        )
    ) v
    left join lateral (
      select json_agg(r.write order by r.write) as writes from replaced r where r.oid = e.oid
    ) w on true
    left join lateral (
      select json_build_array(n.nspname, p.relname) as names
      from pg_catalog.pg_class p
      join pg_catalog.pg_namespace n on n.oid = p.relnamespace
      where e.relispartition and p.oid = pg_partition_root(e.oid)
    ) o on true
    left join columns c on c.attrelid = e.oid
    left join keys k on k.indrelid = e.oid
  ),
  'types', (
    select json_agg(json_build_array(
        t.oid::int8,
        n.nspname,
        t.typname,
        case when n.nspname = 'pg_catalog' then pg_catalog.format_type(t.oid, -1) end,
        case when e.typarray = t.oid then 'a' else t.typtype end,
        case when e.typarray = t.oid then t.typelem::int8 when t.typtype = 'd' then t.typbasetype::int8 else 0 end,
        t.typdelim,
        case when t.typtype = 'e' then (
          select json_agg(l.enumlabel order by l.enumsortorder) from pg_catalog.pg_enum l where l.enumtypid = t.oid
        ) end,
        t.typrelid::int8,
        n.nspname <> 'pg_catalog' and exists (
          select from roles r where not has_schema_privilege(r.oid, n.oid, 'usage')
        )
      ))
    from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    left join pg_catalog.pg_type e on e.oid = t.typelem
    where not (n.nspname = any ('{pg_catalog,information_schema}') and 'c' in (t.typtype, coalesce(e.typtype, 'b')))
      and n.nspname !~ '^pg_(toast|temp)'
  ),
  'composites', (
    select coalesce(json_agg(json_build_array(t.oid::int8, (
        select coalesce(json_agg(json_build_array(a.attname, a.atttypid::int8) order by a.attnum), '[]')
        from pg_catalog.pg_attribute a
        where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
      ))), '[]')
    from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where t.typtype = 'c'
      and n.nspname <> all ('{pg_catalog,information_schema}') and n.nspname !~ '^pg_(toast|temp)'
      and not exists (select from exposed e where e.oid = t.typrelid)
  ),
  'functions', (
    select coalesce(json_agg(json_build_array(
        n.nspname, p.proname, p.prokind, p.provolatile, p.proretset, p.prorettype::int8, p.pronargdefaults,
        p.provariadic <> 0, p.proargtypes, p.proallargtypes, p.proargmodes, p.proargnames,
        (
          select coalesce(json_agg(r.rolname order by r.rolname), '[]')
          from roles r
          where has_schema_privilege(r.oid, p.pronamespace, 'usage')
            and has_function_privilege(r.oid, p.oid, 'execute')
        )
      ) order by p.oid), '[]')
    from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    join pg_catalog.pg_type r on r.oid = p.prorettype
    where n.nspname = any ($1::text[])
      and r.typname !~ '^(trigger|event_trigger|internal|.*_handler)$'
      and not 'internal'::regtype = any (p.proargtypes::oid[])
  ),
  'timeouts', (
    select coalesce(json_agg(json_build_array(r.rolname, s.setdatabase <> 0, split_part(c.setting, '=', 2))), '[]')
    from pg_catalog.pg_db_role_setting s
    left join pg_catalog.pg_roles r on r.oid = s.setrole
    cross join lateral unnest(s.setconfig) as c (setting)
    where s.setdatabase in (0, (select d.oid from pg_catalog.pg_database d where d.datname = current_database()))
      and lower(c.setting) like 'statement\\_timeout=%'
  ),
  'bypassing', (
    select coalesce(json_agg(r.rolname), '[]') from pg_catalog.pg_roles r where r.rolsuper or r.rolbypassrls
  ),
  'extensions', (
    select coalesce(json_object_agg(x.extname, n.nspname), '{}')
    from pg_catalog.pg_extension x
    join pg_catalog.pg_namespace n on n.oid = x.extnamespace
  ),
  ${RELATION_GRAPH_FIELD},
  ${SEARCHABLE_FIELD}
)::text`;
