-- Makes a plain Postgres (15 to 18, or PGlite) look like a Supabase project to SQL: roles, the auth, extensions
-- and storage schemas, auth.users, auth.uid() and its kin, storage.buckets and storage.objects, the publication
-- supabase_realtime, grants and default privileges. What stands behind them on Supabase (sign-in, files, realtime)
-- is not there.
--
-- Whatever exists is left as it is, so that on a Supabase project nothing changes, and a second run changes
-- nothing anywhere. One DO block: it is atomic over the simple protocol too. Needs a role that may create roles
-- (with BYPASSRLS) and schemas, where these are missing.
do $bootstrap$
declare
  -- A database without the auth schema is no Supabase project: only there are shared settings touched.
  is_plain constant boolean := to_regnamespace('auth') is null;
  auth_functions text[];
  extension text;
  told constant text := current_setting('client_min_messages');
begin
  -- Roles are shared by all databases of a server. The time limits are Supabase's own.
  if to_regrole('anon') is null then
    create role anon nologin noinherit;
    alter role anon set statement_timeout = '3s';
  end if;
  if to_regrole('authenticated') is null then
    create role authenticated nologin noinherit;
    alter role authenticated set statement_timeout = '8s';
  end if;
  if to_regrole('service_role') is null then
    create role service_role nologin noinherit bypassrls;
  end if;
  if to_regrole('authenticator') is null then
    -- It has no password, so nobody can log in with it until it is given one.
    create role authenticator login noinherit;
    alter role authenticator set statement_timeout = '8s';
    grant anon, authenticated, service_role to authenticator;
  end if;

  if to_regnamespace('extensions') is null then
    create schema extensions;
    grant usage on schema extensions to anon, authenticated, service_role;
  end if;

  if is_plain then
    create schema auth;
    grant usage on schema auth to anon, authenticated, service_role;

    for extension in
      select name from pg_catalog.pg_available_extensions where name in ('vector', 'uuid-ossp', 'pgcrypto')
    loop
      -- Where the package does not call it trusted, only a superuser may create it.
      begin
        execute format('create extension if not exists %I with schema extensions', extension);
      exception when insufficient_privilege then
        raise warning 'the extension % was left out: % may not create it', extension, current_user
          using hint = format('Let a superuser run: create extension %I with schema extensions', extension);
      end;
    end loop;

    execute format('alter database %I set search_path = "$user", public, extensions', current_database());

    grant usage on schema public to anon, authenticated, service_role;
    alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
    alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
    alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
  end if;

  if not exists (
    select from pg_catalog.pg_class where relnamespace = to_regnamespace('auth') and relname = 'users'
  ) then
    -- The columns of Supabase's table that an application may rely on, with its types and defaults.
    create table auth.users (
      id uuid not null constraint users_pkey primary key,
      aud character varying(255),
      role character varying(255),
      email character varying(255),
      encrypted_password character varying(255),
      email_confirmed_at timestamptz,
      last_sign_in_at timestamptz,
      raw_app_meta_data jsonb,
      raw_user_meta_data jsonb,
      created_at timestamptz default now(),
      updated_at timestamptz default now(),
      phone text default null constraint users_phone_key unique,
      banned_until timestamptz,
      deleted_at timestamptz,
      is_sso_user boolean not null default false,
      is_anonymous boolean not null default false
    );
    create unique index users_email_partial_key on auth.users (email) where is_sso_user = false;
    alter table auth.users enable row level security;
  end if;

  -- Looked up in the catalog, which needs no privilege on the schema.
  auth_functions := array(
    select proname::text from pg_catalog.pg_proc where pronamespace = to_regnamespace('auth') and pronargs = 0
  );
  -- The settings of the old names are read first, as on Supabase.
  if 'uid' <> all (auth_functions) then
    create function auth.uid() returns uuid language sql stable as $fn$
      select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
      )::uuid
    $fn$;
  end if;
  if 'role' <> all (auth_functions) then
    create function auth.role() returns text language sql stable as $fn$
      select coalesce(
        nullif(current_setting('request.jwt.claim.role', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
      )::text
    $fn$;
  end if;
  if 'email' <> all (auth_functions) then
    create function auth.email() returns text language sql stable as $fn$
      select coalesce(
        nullif(current_setting('request.jwt.claim.email', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
      )::text
    $fn$;
  end if;
  if 'jwt' <> all (auth_functions) then
    create function auth.jwt() returns jsonb language sql stable as $fn$
      select coalesce(
        nullif(current_setting('request.jwt.claim', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')
      )::jsonb
    $fn$;
  end if;

  if is_plain and to_regnamespace('storage') is null then
    create schema storage;
    grant usage on schema storage to anon, authenticated, service_role;
    -- The columns of Supabase's tables that an application may rely on, with its types and defaults.
    create table storage.buckets (
      id text not null constraint buckets_pkey primary key,
      name text not null,
      owner uuid,
      created_at timestamptz default now(),
      updated_at timestamptz default now(),
      public boolean default false,
      avif_autodetection boolean default false,
      file_size_limit bigint,
      allowed_mime_types text[],
      owner_id text
    );
    create unique index bname on storage.buckets (name);
    create table storage.objects (
      id uuid not null default gen_random_uuid() constraint objects_pkey primary key,
      bucket_id text constraint "objects_bucketId_fkey" references storage.buckets (id),
      name text,
      owner uuid,
      created_at timestamptz default now(),
      updated_at timestamptz default now(),
      last_accessed_at timestamptz default now(),
      metadata jsonb,
      path_tokens text[] generated always as (string_to_array(name, '/')) stored,
      version text,
      owner_id text,
      user_metadata jsonb
    );
    create unique index bucketid_objname on storage.objects (bucket_id, name);
    alter table storage.buckets enable row level security;
    alter table storage.objects enable row level security;
    grant all on storage.buckets, storage.objects to anon, authenticated, service_role;

    create function storage.foldername(name text) returns text[] language sql immutable as $fn$
      select (string_to_array(name, '/'))[1 : cardinality(string_to_array(name, '/')) - 1]
    $fn$;
    create function storage.filename(name text) returns text language sql immutable as $fn$
      select (string_to_array(name, '/'))[cardinality(string_to_array(name, '/'))]
    $fn$;
    create function storage.extension(name text) returns text language sql immutable as $fn$
      select reverse(split_part(reverse(storage.filename(name)), '.', 1))
    $fn$;
  end if;

  if is_plain and not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    -- It warns where wal_level is too low to publish anything: nobody subscribes here.
    perform set_config('client_min_messages', 'error', true);
    create publication supabase_realtime;
    perform set_config('client_min_messages', told, true);
  end if;
end
$bootstrap$;
