-- What API keys need beyond their table: rotation, revocation that is final and told to every process, the look-up by which the
-- service verifies, and when each was used last.

alter table public.api_keys add column replaced_at timestamptz;
comment on column public.api_keys.replaced_at is 'When rotation gave it a successor of the same name. It is valid until expires_at.';
grant update (replaced_at) on public.api_keys to authenticated;

-- Users write their rows without a module too. What is in one ends up in the memory of every process that verifies the key.
alter table public.api_keys add constraint api_keys_scopes_check
  check (cardinality(scopes) <= 50 and octet_length(scopes::text) <= 4000);
alter table public.api_keys add constraint api_keys_expires_at_check check (isfinite(expires_at));

-- The name of a key that is revoked or replaced is free again.
alter table public.api_keys drop constraint api_keys_user_id_name_key;
create unique index api_keys_user_id_name_key on public.api_keys (user_id, name)
  where revoked_at is null and replaced_at is null;
create index api_keys_user_id_idx on public.api_keys (user_id);

-- To note when a key was used is not to change it.
drop trigger api_keys_set_updated_at on public.api_keys;
create trigger api_keys_set_updated_at
  before update of user_id, name, key_prefix, key_hash, scopes, expires_at, revoked_at, replaced_at on public.api_keys
  for each row execute function private.set_updated_at();

-- Users may update revoked_at, and whoever stole a session could take a revocation back.
create function private.keep_revocation() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if old.revoked_at is not null then
    if new.revoked_at is null then
      raise exception 'An API key that was revoked stays revoked' using errcode = 'PT409';
    end if;
    new.revoked_at := old.revoked_at;
  end if;
  return new;
end
$$;
revoke all on function private.keep_revocation() from public;
create trigger api_keys_keep_revocation before update of revoked_at on public.api_keys
  for each row execute function private.keep_revocation();

-- Everyone who can connect may listen, so only the id is told.
create function private.tell_api_key_change() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform pg_catalog.pg_notify('api_key_changes', old.id::text);
  return null;
end
$$;
revoke all on function private.tell_api_key_change() from public;
create trigger api_keys_tell_change
  after delete or update of user_id, key_hash, scopes, expires_at, revoked_at on public.api_keys
  for each row execute function private.tell_api_key_change();

-- The key that is valid now, of a user who may sign in. The definer reads auth.users, which the service role may not.
create function public.find_api_key(hash text) returns table (
  id uuid,
  user_id uuid,
  key_hash text,
  scopes text[],
  expires_at timestamptz
)
language sql stable security definer
set search_path = ''
as $$
  select k.id, k.user_id, k.key_hash, k.scopes, k.expires_at
  from public.api_keys k
  join auth.users u on u.id = k.user_id
  where k.key_hash = find_api_key.hash
    and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > now())
    and u.deleted_at is null
    and (u.banned_until is null or u.banned_until <= now())
$$;

-- In the order of their ids: two processes that note the same keys must not wait for each other.
create function public.note_api_key_uses(key_ids uuid[], used_at timestamptz[]) returns integer
language sql volatile security invoker
set search_path = ''
as $$
  with used as (
    select u.id, max(u.at) as at from unnest(key_ids, used_at) as u (id, at) group by u.id
  ), locked as (
    select k.id from public.api_keys k where k.id in (select used.id from used) order by k.id for no key update
  ), noted as (
    update public.api_keys k set last_used_at = greatest(k.last_used_at, used.at)
    from used join locked using (id)
    where k.id = used.id
    returning 1
  )
  select count(*)::integer from noted
$$;

revoke all on function public.find_api_key(text), public.note_api_key_uses(uuid[], timestamptz[])
from public, anon, authenticated, service_role;
grant execute on function public.find_api_key(text), public.note_api_key_uses(uuid[], timestamptz[]) to service_role;
