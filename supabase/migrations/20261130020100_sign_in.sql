-- Sign-in with a password where no project of Supabase does it. The service role alone reaches these tables; auth.users'
-- encrypted_password belongs to Supabase Auth and stays empty.

create table public.sign_in_passwords (
  user_id uuid primary key references auth.users (id) on delete cascade,
  email text not null,
  password_hash text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sign_in_passwords_email_key unique (email),
  constraint sign_in_passwords_email_check check (email = lower(email) and length(email) between 3 and 320),
  constraint sign_in_passwords_password_hash_check check (password_hash like '$argon2id$%')
);
comment on column public.sign_in_passwords.password_hash is 'Argon2id in the PHC string format.';

create table public.sign_in_sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.sign_in_passwords (user_id) on delete cascade,
  token_hash text not null,
  created_at timestamptz not null default now(),
  refreshed_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint sign_in_sessions_token_hash_check check (token_hash ~ '^[0-9a-f]{64}$')
);
comment on column public.sign_in_sessions.token_hash is 'SHA-256 of the secret in the latest refresh token, in lower-case hex.';
create index sign_in_sessions_user_id_expires_at_idx on public.sign_in_sessions (user_id, expires_at);

alter table public.sign_in_passwords enable row level security;
alter table public.sign_in_sessions enable row level security;
revoke all on public.sign_in_passwords, public.sign_in_sessions from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.sign_in_passwords, public.sign_in_sessions to service_role;

create trigger sign_in_passwords_set_updated_at before update on public.sign_in_passwords
  for each row execute function private.set_updated_at();

-- Who has an address already keeps it, also without a password: the unique key of auth.users says no.
create function public.register_sign_in(email text, password_hash text) returns uuid
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  registered constant uuid := gen_random_uuid();
begin
  insert into auth.users (id, aud, role, email)
  values (registered, 'authenticated', 'authenticated', register_sign_in.email);
  insert into public.sign_in_passwords (user_id, email, password_hash)
  values (registered, register_sign_in.email, register_sign_in.password_hash);
  return registered;
end
$$;

-- Nothing for who is banned or deleted, as for who never was.
create function public.find_sign_in(email text) returns table (user_id uuid, password_hash text)
language sql stable security definer
set search_path = ''
as $$
  select p.user_id, p.password_hash
  from public.sign_in_passwords p
  join auth.users u on u.id = p.user_id
  where p.email = find_sign_in.email
    and u.deleted_at is null
    and (u.banned_until is null or u.banned_until <= now())
$$;

-- A session for who has this password now. The row is locked, so that a password which is changed meanwhile opens none: the change
-- ends all sessions that there are. Null where it has changed.
create function public.open_sign_in(
  user_id uuid,
  password_hash text,
  token_hash text,
  expires_at timestamptz
) returns uuid
language plpgsql volatile security invoker
set search_path = ''
as $$
declare
  opened uuid;
begin
  delete from public.sign_in_sessions s where s.user_id = open_sign_in.user_id and s.expires_at <= now();
  insert into public.sign_in_sessions (user_id, token_hash, expires_at)
  select p.user_id, open_sign_in.token_hash, open_sign_in.expires_at
  from public.sign_in_passwords p
  where p.user_id = open_sign_in.user_id and p.password_hash = open_sign_in.password_hash
  for share
  returning id into opened;
  return opened;
end
$$;

-- One secret of a session is valid at a time. Any other is an old one: somebody has a copy of it, and nobody knows who of the
-- two is the owner, so the session ends.
create function public.refresh_sign_in(session_id uuid, token_hash text, next_token_hash text)
returns table (user_id uuid, email text, created_at timestamptz)
language plpgsql volatile security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    update public.sign_in_sessions s
    set token_hash = refresh_sign_in.next_token_hash, refreshed_at = now()
    from public.sign_in_passwords p
    join auth.users u on u.id = p.user_id
    where s.id = refresh_sign_in.session_id
      and s.token_hash = refresh_sign_in.token_hash
      and s.expires_at > now()
      and p.user_id = s.user_id
      and u.deleted_at is null
      and (u.banned_until is null or u.banned_until <= now())
    returning s.user_id, p.email, s.created_at;
  if not found then
    delete from public.sign_in_sessions s where s.id = refresh_sign_in.session_id;
  end if;
end
$$;

revoke all on function
  public.register_sign_in(text, text),
  public.find_sign_in(text),
  public.open_sign_in(uuid, text, text, timestamptz),
  public.refresh_sign_in(uuid, text, text)
from public, anon, authenticated, service_role;
grant execute on function
  public.register_sign_in(text, text),
  public.find_sign_in(text),
  public.open_sign_in(uuid, text, text, timestamptz),
  public.refresh_sign_in(uuid, text, text)
to service_role;
