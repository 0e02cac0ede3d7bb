-- Changed tables: a committed transaction tells the channel `cdb_changes` which tables it has written, so that every process
-- that keeps results of them in memory can drop those.
--
-- Only for tables that are watched: `cdb.watch_table` creates the trigger, `cdb cache triggers` writes the migration that
-- calls it. A payload is `schema.name` as in the catalog, without quotes; nothing of a row and nothing of the caller is in it.
-- Postgres delivers equal payloads of one transaction once, when it commits, and none when it is rolled back.

-- What is told of a partition is the table that it is a part of, and of an inheriting table each of those that read it.
-- SECURITY DEFINER, because a project may have taken pg_notify from its callers, whose writes must not fail for that. A
-- function that returns a trigger cannot be called, and only who may execute it can make a trigger of it.
create function cdb.tell_change() returns trigger
language plpgsql volatile security definer set search_path = '' as $fn$
declare
  -- Unlike a query, it sees what was attached after the snapshot of the transaction.
  root constant pg_catalog.oid := coalesce(pg_catalog.pg_partition_root(tg_relid)::pg_catalog.oid, tg_relid);
  roots pg_catalog.text[];
  payload pg_catalog.text;
begin
  if root = tg_relid and not exists (select from pg_catalog.pg_inherits i where i.inhrelid = root) then
    roots := array[pg_catalog.concat(tg_table_schema, '.', tg_table_name)];
  else
    roots := array(
      with recursive above (relation) as (
        select root
        union
        select i.inhparent from above a join pg_catalog.pg_inherits i on i.inhrelid = a.relation
      )
      select pg_catalog.concat(n.nspname, '.', c.relname)
      from above a
      join pg_catalog.pg_class c on c.oid = a.relation
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where not exists (select from pg_catalog.pg_inherits i where i.inhrelid = a.relation)
    );
  end if;
  foreach payload in array roots loop
    -- Longer than Postgres takes only where it was built for longer names. '*' means that anything may have changed.
    perform pg_catalog.pg_notify('cdb_changes',
      case when pg_catalog.octet_length(payload) < 8000 then payload else '*' end);
  end loop;
  return null;
end
$fn$;

-- The table and all that are parts of it or inherit from it. A trigger on the whole does not fire for a write to a part by
-- its own name. Foreign tables are left out: what changes there is not seen here.
create function cdb.with_parts(target regclass) returns setof regclass
language plpgsql stable set search_path = '' as $fn$
begin
  return query
    with recursive below (relation) as (
      select target::pg_catalog.oid
      union
      select i.inhrelid from below b join pg_catalog.pg_inherits i on i.inhparent = b.relation
    )
    select b.relation::pg_catalog.regclass
    from below b join pg_catalog.pg_class c on c.oid = b.relation
    where c.relkind in ('r', 'p');
end
$fn$;

-- Lets the table and its parts tell of their changes, also of those that are made while session_replication_role is
-- 'replica', as restores of data do. Whoever runs it must own the tables. What is there already stays.
create function cdb.watch_table(target regclass) returns void
language plpgsql volatile set search_path = '' as $fn$
declare
  part pg_catalog.regclass;
begin
  if not exists (select from cdb.with_parts(target) p where p = target) then
    raise exception using errcode = '42809',
      message = pg_catalog.format('%s is not a table: only tables can tell of their changes.', target);
  end if;
  for part in select p from cdb.with_parts(target) p loop
    execute pg_catalog.format(
      'create or replace trigger cdb_tell_change after insert or update or delete or truncate on %s
       for each statement execute function cdb.tell_change()', part);
    execute pg_catalog.format('alter table only %s enable always trigger cdb_tell_change', part);
  end loop;
end
$fn$;

create function cdb.unwatch_table(target regclass) returns void
language plpgsql volatile set search_path = '' as $fn$
declare
  part pg_catalog.regclass;
begin
  for part in
    select p from cdb.with_parts(target) p
    where exists (select from pg_catalog.pg_trigger t where t.tgrelid = p and t.tgname = 'cdb_tell_change')
  loop
    execute pg_catalog.format('drop trigger cdb_tell_change on %s', part);
  end loop;
end
$fn$;

revoke execute on function cdb.tell_change(), cdb.with_parts(regclass), cdb.watch_table(regclass),
  cdb.unwatch_table(regclass) from public, anon, authenticated, service_role;
