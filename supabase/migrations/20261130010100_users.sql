-- What users are changed and removed by.

alter table public.profiles add constraint profiles_preferences_size_check
  check (octet_length(preferences::text) <= 65536);

-- For lists of all users, the newest first.
create index profiles_created_at_id_idx on public.profiles (created_at, id);

-- Merged here and not by whoever writes them, so that two writers do not undo one another. A null removes its key.
create function public.change_preferences(user_id uuid, patch jsonb) returns jsonb
language sql volatile security invoker
set search_path = ''
begin atomic
  update public.profiles p
  set preferences = (p.preferences || change_preferences.patch)
    - array(select e.key from jsonb_each(change_preferences.patch) e where jsonb_typeof(e.value) = 'null')
  where p.id = change_preferences.user_id
  returning p.preferences;
end;

-- Removes a user, and says what went with them: no row where there is none.
--
-- The profile is locked first. Whatever belongs to it has to wait for the lock, so that what is counted is what is removed.
create function private.remove_user(target uuid)
returns table (trips bigint, collaborations bigint, api_keys bigint, searches bigint)
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform from public.profiles p where p.id = target for update;
  select
    (select count(*) from public.trips t where t.owner_id = target),
    (select count(*) from public.trip_collaborators c where c.user_id = target),
    (select count(*) from public.api_keys k where k.user_id = target),
    (select count(*) from public.search_history s where s.user_id = target)
  into trips, collaborations, api_keys, searches;
  delete from auth.users u where u.id = target;
  if found then
    return next;
  end if;
end
$$;

-- Takes no argument: whoever may call it can remove nobody else.
create function private.remove_caller()
returns table (trips bigint, collaborations bigint, api_keys bigint, searches bigint)
language sql volatile security definer
set search_path = ''
as $$
  select * from private.remove_user((select auth.uid()))
$$;

create function public.remove_user(user_id uuid)
returns table (trips bigint, collaborations bigint, api_keys bigint, searches bigint)
language plpgsql volatile security invoker
set search_path = ''
as $$
begin
  if remove_user.user_id = (select auth.uid()) then
    return query select * from private.remove_caller();
  elsif has_function_privilege('private.remove_user(uuid)', 'execute') then
    return query select * from private.remove_user(remove_user.user_id);
  end if;
end
$$;

revoke all on
  function public.change_preferences(uuid, jsonb),
  public.remove_user(uuid),
  private.remove_user(uuid),
  private.remove_caller()
from public, anon, authenticated, service_role;

grant usage on schema private to service_role;
grant execute on function public.change_preferences(uuid, jsonb), public.remove_user(uuid) to authenticated, service_role;
grant execute on function private.remove_caller() to authenticated;
grant execute on function private.remove_user(uuid) to service_role;
