-- The schema of the objects that consolidated-db itself owns, and which versions of them were installed. Installed by
-- `cdb init`, and in an embedded database when it opens; every version is a file beside this one.
--
-- Not for PostgREST: leave `cdb` out of its exposed schemas. Callers may run the functions that a version grants them,
-- and have no right on a table: row level security is on, and the one policy there is lets nobody through. The
-- functions run as the owner of the tables, who is the role that installed them.
create schema cdb;
grant usage on schema cdb to anon, authenticated, service_role;

create table cdb.schema_versions (
  version integer not null constraint schema_versions_pkey primary key,
  name text not null,
  installed_at timestamptz not null default now()
);
alter table cdb.schema_versions enable row level security;
create policy nobody on cdb.schema_versions to public using (false);
revoke all on cdb.schema_versions from public, anon, authenticated, service_role;
