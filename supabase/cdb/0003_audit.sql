-- The audit: who changed what, and what it was before. Rows are added by the triggers of `cdb.audit_table`, and for policies
-- that are opened for a time. Nothing changes or removes them: there is no grant to do so, and a trigger refuses it also to
-- their owner, who would have to switch it off first.
create table cdb.audit (
  id bigint generated always as identity constraint audit_pkey primary key,
  at timestamptz not null default clock_timestamp(),
  transaction xid8 not null default pg_current_xact_id(),
  -- The role that acted, and the login whose connection it was.
  role text not null,
  login text not null,
  -- The claim 'sub'; of the others 'role', 'session_id' and 'api_key_id'. All else may be personal, and is not kept.
  subject text,
  claims jsonb,
  -- insert, update, delete, truncate; open and close, of a policy.
  operation text not null,
  table_schema text not null,
  table_name text not null,
  -- Of an update, `before` and `after` have only the columns that changed.
  key jsonb,
  before jsonb,
  after jsonb,
  -- Columns whose values are not kept: those that were set, or have changed.
  excluded text[] not null default '{}',
  -- The setting cdb.reason of the transaction, or what the command was told.
  reason text
);
create index audit_table_at_idx on cdb.audit (table_schema, table_name, at);
create index audit_at_idx on cdb.audit (at);
alter table cdb.audit enable row level security;
create policy nobody on cdb.audit to public using (false);
revoke all on cdb.audit from public, anon, authenticated, service_role;

create function cdb.refuse_change() returns trigger
language plpgsql volatile set search_path = '' as $fn$
begin
  raise exception using errcode = 'CDB21', message = 'The audit is append-only. Nothing was changed.';
end
$fn$;
create trigger cdb_append_only before update or delete or truncate on cdb.audit
  for each statement execute function cdb.refuse_change();
alter table cdb.audit enable always trigger cdb_append_only;

-- Adds one row, with the caller as auth.jwt() knows it. Where nobody has set a role, it is the login that acts.
create function cdb.add_audit(operation text, target regclass, key jsonb, before jsonb, after jsonb, excluded text[],
  reason text) returns void
language plpgsql volatile security definer set search_path = '' as $fn$
declare
  given constant pg_catalog.jsonb := coalesce(
    nullif(pg_catalog.current_setting('request.jwt.claim', true), ''),
    nullif(pg_catalog.current_setting('request.jwt.claims', true), ''))::pg_catalog.jsonb;
  -- A partition is the table that callers know.
  root constant pg_catalog.oid := coalesce(pg_catalog.pg_partition_root(target)::pg_catalog.oid, target);
begin
  insert into cdb.audit (role, login, subject, claims, operation, table_schema, table_name, key, before, after, excluded, reason)
  select coalesce(nullif(pg_catalog.current_setting('role'), 'none'), session_user), session_user, given ->> 'sub',
    nullif(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
      'role', given -> 'role', 'session_id', given -> 'session_id', 'api_key_id', given -> 'api_key_id')), '{}'),
    operation, n.nspname, c.relname, key, before, after, excluded, pg_catalog.left(reason, 1000)
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid = root;
end
$fn$;

-- The columns of a row that may be kept. A value of more than 16 KiB is told by its size.
create function cdb.kept_columns(given jsonb, excluded text[]) returns jsonb
language sql immutable set search_path = '' as $fn$
  select pg_catalog.jsonb_object_agg(e.key,
    case when pg_catalog.octet_length(e.value::pg_catalog.text) <= 16384 then e.value
      else pg_catalog.jsonb_build_object('cdb:bytes', pg_catalog.octet_length(e.value::pg_catalog.text)) end)
  from pg_catalog.jsonb_each(given) e
  where e.key <> all (excluded)
$fn$;

-- SECURITY DEFINER, because callers have no right on the audit. A function that returns a trigger cannot be called, and only
-- who may execute it can make a trigger of it. The settings are those that decide how values are written.
create function cdb.record_change() returns trigger
language plpgsql volatile security definer
set search_path = '' set datestyle = 'ISO' set timezone = 'UTC' set bytea_output = 'hex' set intervalstyle = 'iso_8601' set extra_float_digits = 1
as $fn$
declare
  without constant pg_catalog.text[] := tg_argv[0]::pg_catalog.text[];
  reason constant pg_catalog.text := nullif(pg_catalog.current_setting('cdb.reason', true), '');
  old_row pg_catalog.jsonb;
  new_row pg_catalog.jsonb;
  old_texts pg_catalog.json;
  changed pg_catalog.text[];
  key pg_catalog.jsonb;
begin
  if tg_op = 'TRUNCATE' then
    perform cdb.add_audit('truncate', tg_relid, null, null, null, '{}', reason);
    return null;
  end if;
  if tg_op <> 'INSERT' then
    old_row := pg_catalog.to_jsonb(old);
  end if;
  if tg_op <> 'DELETE' then
    new_row := pg_catalog.to_jsonb(new);
  end if;
  if tg_op = 'UPDATE' then
    -- By their texts: to jsonb 1.0 is 1.00, and json has only the last of several keys.
    old_texts := pg_catalog.to_json(old);
    changed := array(
      select e.key from pg_catalog.json_each(pg_catalog.to_json(new)) e
      where (old_texts -> e.key)::pg_catalog.text is distinct from e.value::pg_catalog.text);
  else
    changed := array(select pg_catalog.jsonb_object_keys(coalesce(new_row, old_row)));
  end if;
  if tg_op = 'UPDATE' and changed = '{}' then
    return null;
  end if;
  select pg_catalog.jsonb_object_agg(a.attname, coalesce(old_row, new_row) -> a.attname::pg_catalog.text) into key
  from pg_catalog.pg_index i
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
  where i.indrelid = tg_relid and i.indisprimary and a.attname <> all (without);
  if tg_op = 'UPDATE' then
    old_row := (select pg_catalog.jsonb_object_agg(c, old_row -> c) from pg_catalog.unnest(changed) c);
    new_row := (select pg_catalog.jsonb_object_agg(c, new_row -> c) from pg_catalog.unnest(changed) c);
  end if;
  perform cdb.add_audit(pg_catalog.lower(tg_op), tg_relid, key, cdb.kept_columns(old_row, without),
    cdb.kept_columns(new_row, without),
    array(select c from pg_catalog.unnest(changed) c where c = any (without) order by 1), reason);
  return null;
end
$fn$;

-- Lets a table write its changes into the audit, those of its partitions too, also while session_replication_role is
-- 'replica'. Whoever runs it must own the tables. Run it again to exclude other columns.
create function cdb.audit_table(target regclass, exclude text[] default '{}') returns void
language plpgsql volatile set search_path = '' as $fn$
declare
  part pg_catalog.regclass;
  missing pg_catalog.text;
begin
  if not exists (select from cdb.with_parts(target) p where p = target) then
    raise exception using errcode = '42809',
      message = pg_catalog.format('%s is not a table: only the changes of tables can be recorded.', target);
  end if;
  if target = 'cdb.audit'::pg_catalog.regclass then
    raise exception using errcode = '42809', message = 'The audit does not record itself.';
  end if;
  select e into missing from pg_catalog.unnest(exclude) e
  where not exists (
    select from pg_catalog.pg_attribute a
    where a.attrelid = target and a.attname = e and a.attnum > 0 and not a.attisdropped
  );
  if missing is not null then
    raise exception using errcode = '42703',
      message = pg_catalog.format('%s has no column "%s" that could be excluded.', target, missing);
  end if;
  perform cdb.unaudit_table(target);
  for part in select p from cdb.with_parts(target) p loop
    -- Postgres makes those for rows on each partition by itself, also on those that are added later.
    if part = target or not (select c.relispartition from pg_catalog.pg_class c where c.oid = part) then
      execute pg_catalog.format(
        'create trigger cdb_record_change after insert or update or delete on %s
         for each row execute function cdb.record_change(%L)', part, exclude);
      execute pg_catalog.format('alter table %s enable always trigger cdb_record_change', part);
    end if;
    execute pg_catalog.format(
      'create trigger cdb_record_truncate after truncate on %s
       for each statement execute function cdb.record_change(%L)', part, exclude);
    execute pg_catalog.format('alter table only %s enable always trigger cdb_record_truncate', part);
  end loop;
end
$fn$;

create function cdb.unaudit_table(target regclass) returns void
language plpgsql volatile set search_path = '' as $fn$
declare
  made record;
begin
  for made in
    select p as part, t.tgname from cdb.with_parts(target) p
    join pg_catalog.pg_trigger t on t.tgrelid = p
    where t.tgname in ('cdb_record_change', 'cdb_record_truncate') and t.tgparentid = 0
  loop
    execute pg_catalog.format('drop trigger %I on %s', made.tgname, made.part);
  end loop;
end
$fn$;

revoke execute on function cdb.refuse_change(), cdb.add_audit(text, regclass, jsonb, jsonb, jsonb, text[], text),
  cdb.kept_columns(jsonb, text[]), cdb.record_change(), cdb.audit_table(regclass, text[]), cdb.unaudit_table(regclass)
  from public, anon, authenticated, service_role;
