-- Policies that end by themselves: for emergencies in which a role has to see or write more than its policies let it, and
-- row level security must stay on. `cdb policies open-temporarily` calls these, as the owner of the table.

-- Opens a table for one role and one command, until then. Opened again, it ends at the new time. CDB20: it is refused.
--
-- The condition asks clock_timestamp() for each row. now() is the time at which the transaction began, and
-- statement_timestamp() is asked once for a statement: by these an open transaction or a cursor would read on beyond the end.
create function cdb.open_temporarily(target regclass, grantee text, command text, until timestamptz, reason text,
  even_anonymous boolean default false, out policy text, out ends_at timestamptz, out is_granted boolean)
-- The end is written as text and read again, where a zone such as IST would be another one.
language plpgsql volatile set search_path = '' set datestyle = 'ISO' set timezone = 'UTC' as $fn$
declare
  relation pg_catalog.pg_class;
  holder pg_catalog.pg_roles;
  condition pg_catalog.text;
begin
  select * into relation from pg_catalog.pg_class c where c.oid = target;
  if relation.relkind not in ('r', 'p') then
    raise exception using errcode = 'CDB20', message = pg_catalog.format('%s is not a table.', target);
  end if;
  if not relation.relrowsecurity then
    raise exception using errcode = 'CDB20',
      message = pg_catalog.format('Row level security is off for %s: it is open already.', target),
      hint = pg_catalog.format('alter table %s enable row level security;', target);
  end if;
  select * into holder from pg_catalog.pg_roles r where r.rolname = grantee;
  if not found then
    raise exception using errcode = 'CDB20', message = pg_catalog.format('There is no role "%s".', grantee);
  end if;
  if holder.rolsuper or holder.rolbypassrls then
    raise exception using errcode = 'CDB20',
      message = pg_catalog.format('No policy applies to the role "%s": it bypasses row level security.', grantee);
  end if;
  -- A policy for a role is one for all roles that have its rights.
  if not even_anonymous and pg_catalog.pg_has_role('anon', holder.oid, 'usage') then
    raise exception using errcode = 'CDB20',
      message = pg_catalog.format('A policy for the role "%s" is one for callers who have not signed in.', grantee),
      hint = 'If that is meant, say it with --include-anonymous.';
  end if;
  if command is null or command not in ('select', 'insert', 'update', 'delete') then
    raise exception using errcode = 'CDB20',
      message = 'The command must be select, insert, update or delete.';
  end if;
  if until is null or until <= pg_catalog.clock_timestamp() then
    raise exception using errcode = 'CDB20', message = 'The end must be in the future, by the clock of the database.';
  end if;
  if until > pg_catalog.clock_timestamp() + interval '24 hours' then
    raise exception using errcode = 'CDB20',
      message = 'The end must be within 24 hours.', hint = 'Open it again later, or write a policy.';
  end if;
  if coalesce(pg_catalog.btrim(reason), '') = '' then
    raise exception using errcode = 'CDB20', message = 'A reason is needed: it is written to the audit.';
  end if;
  ends_at := until;
  policy := pg_catalog.concat('cdb temporary ', command, ' to ', grantee);
  if pg_catalog.octet_length(policy) > 63 then
    policy := pg_catalog.concat('cdb temporary ', command, ' to ', pg_catalog.md5(grantee));
  end if;
  condition := pg_catalog.format('pg_catalog.clock_timestamp() < %L::pg_catalog.timestamptz', until);
  execute pg_catalog.format('drop policy if exists %I on %s', policy, target);
  execute pg_catalog.format('create policy %I on %s as permissive for %s to %I%s%s', policy, target, command, grantee,
    case when command <> 'insert' then pg_catalog.concat(' using (', condition, ')') end,
    case when command in ('insert', 'update') then pg_catalog.concat(' with check (', condition, ')') end);
  is_granted := pg_catalog.has_table_privilege(holder.oid, target, command)
    or (command <> 'delete' and pg_catalog.has_any_column_privilege(holder.oid, target, command));
  perform cdb.add_audit('open', target, null, null,
    pg_catalog.jsonb_build_object('policy', policy, 'role', grantee, 'command', command, 'until', until), '{}', reason);
  -- Caches read the catalog anew, and keep nothing that such a policy decides.
  perform pg_catalog.pg_notify('cdb_changes', '*');
end
$fn$;

-- Drops one of them at once. False if it is not there.
create function cdb.close_temporary(target regclass, policy text, reason text default null) returns boolean
language plpgsql volatile set search_path = '' as $fn$
begin
  if not pg_catalog.starts_with(policy, 'cdb temporary ') then
    raise exception using errcode = 'CDB20',
      message = pg_catalog.format('The policy "%s" is none that was opened for a time.', policy);
  end if;
  if not exists (select from pg_catalog.pg_policy p where p.polrelid = target and p.polname = policy) then
    return false;
  end if;
  execute pg_catalog.format('drop policy %I on %s', policy, target);
  perform cdb.add_audit('close', target, null, pg_catalog.jsonb_build_object('policy', policy), null, '{}', reason);
  perform pg_catalog.pg_notify('cdb_changes', '*');
  return true;
end
$fn$;

revoke execute on function cdb.open_temporarily(regclass, text, text, timestamptz, text, boolean),
  cdb.close_temporary(regclass, text, text) from public, anon, authenticated, service_role;
