import { EXPRESSION_CTES } from './expression-sql.ts';

/**
 * What relations of all schemas read, and what a write to one does to others. It stands behind `roles`; `$1` is the text array
 * of exposed schemas.
 */
export const RELATION_GRAPH_CTES = `
nodes as (
  select c.oid, n.nspname, c.relname, c.relkind, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
    c.relkind = 'v' and not coalesce((
      select o.option_value::bool from pg_catalog.pg_options_to_table(c.reloptions) o
      where o.option_name = 'security_invoker'
    ), false) as reads_as_owner
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and n.nspname <> all ('{pg_catalog,information_schema}') and n.nspname !~ '^pg_(toast|temp)'
),
${EXPRESSION_CTES},
called as materialized (
  select p.oid, n.nspname, p.proname, p.proargtypes, p.provolatile, p.prosecdef, p.proowner, p.proconfig
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    and (
      n.nspname = any ($1::text[])
      or p.oid in (select substring(m.mark, '^f(\\d+)')::oid from marks m where m.mark like 'f%')
      or p.oid in (select e.oid from expressions e where e.kind = 'body')
    )
),
-- Whoever a read may be made as.
readers as materialized (
  select r.oid, r.rolname, r.rolsuper or r.rolbypassrls as bypasses
  from pg_catalog.pg_roles r
  where r.oid in (select s.oid from roles s)
    or r.oid in (select e.relowner from nodes e where e.reads_as_owner)
    or r.oid in (select c.proowner from called c where c.prosecdef)
),
extended (oid, name) as (
  select d.objid, x.extname
  from pg_catalog.pg_depend d
  join pg_catalog.pg_extension x on x.oid = d.refobjid
  where d.classid = 'pg_catalog.pg_proc'::regclass and d.refclassid = 'pg_catalog.pg_extension'::regclass
    and d.deptype = 'e'
)`;

/** A field of the document. */
export const RELATION_GRAPH_FIELD = `
  'graph', json_build_object(
    'relations', (
      select coalesce(json_agg(json_build_array(
          e.oid::int8, e.nspname, e.relname, e.relkind,
          case when e.reads_as_owner then pg_catalog.pg_get_userbyid(e.relowner) end,
          case when e.relrowsecurity then (
            select coalesce(json_agg(r.rolname), '[]') from readers r
            where r.bypasses or not e.relforcerowsecurity and pg_has_role(r.oid, e.relowner, 'usage')
          ) end,
          case when x.oid is not null then coalesce(s.marks, '[]') end
        )), '[]')
      from nodes e
      left join expressions x on x.kind = 'view' and x.oid = e.oid
      left join reads s on s.kind = 'view' and s.oid = e.oid
    ),
    'readers', (select json_agg(r.rolname) from readers r),
    'inherits', (
      select coalesce(json_agg(json_build_array(i.inhrelid::int8, i.inhparent::int8)), '[]')
      from nodes e
      join pg_catalog.pg_inherits i on i.inhrelid = e.oid
    ),
    'policies', (
      select coalesce(json_agg(json_build_array(
          p.polrelid::int8, p.polname,
          case when 0 <> all (p.polroles) then (
            select coalesce(json_agg(r.rolname), '[]') from readers r
            where exists (select from unnest(p.polroles) as o (role) where pg_has_role(r.oid, o.role, 'usage'))
          ) end,
          coalesce(s.marks, '[]')
        ) order by p.oid), '[]')
      from nodes e
      join pg_catalog.pg_policy p on p.polrelid = e.oid
      left join reads s on s.kind = 'policy' and s.oid = p.oid
      where e.relrowsecurity and p.polcmd in ('r', '*')
    ),
    'functions', (
      select coalesce(json_agg(json_build_array(
          c.oid::int8, c.nspname, c.proname, pg_catalog.oidvectortypes(c.proargtypes), c.provolatile, x.name,
          case
            when c.proconfig::text ~ '[{,"](role|session_authorization|row_security)=' then '*'
            when c.prosecdef then pg_catalog.pg_get_userbyid(c.proowner)
          end,
          case when b.oid is not null then coalesce(s.marks, '[]') end
        ) order by c.oid), '[]')
      from called c
      left join extended x on x.oid = c.oid
      left join expressions b on b.kind = 'body' and b.oid = c.oid
      left join reads s on s.kind = 'body' and s.oid = c.oid
    ),
    -- Those of partitions are copies of the ones that the partitioned tables have.
    'cascades', (
      select coalesce(json_agg(json_build_array(f.confrelid::int8, f.conrelid::int8, f.confupdtype, f.confdeltype)), '[]')
      from pg_catalog.pg_constraint f
      where f.contype = 'f' and f.conparentid = 0 and (f.confupdtype in ('c', 'n', 'd') or f.confdeltype in ('c', 'n', 'd'))
    ),
    'triggers', (
      select coalesce(json_agg(json_build_array(g.tgrelid::int8, g.tgtype, n.nspname, p.proname, x.name)), '[]')
      from nodes e
      join pg_catalog.pg_trigger g on g.tgrelid = e.oid
      join pg_catalog.pg_proc p on p.oid = g.tgfoid
      join pg_catalog.pg_namespace n on n.oid = p.pronamespace
      left join extended x on x.oid = p.oid
      where not g.tgisinternal and g.tgenabled <> 'D' and not exists (
        select from pg_catalog.pg_trigger o where o.oid = g.tgparentid and o.tgenabled <> 'D'
      )
    ),
    'rules', (
      select coalesce(json_agg(json_build_array(u.ev_class::int8, u.ev_type)), '[]')
      from nodes e
      join pg_catalog.pg_rewrite u on u.ev_class = e.oid
      where u.ev_type <> '1' and u.ev_enabled <> 'D'
    )
  )`;
