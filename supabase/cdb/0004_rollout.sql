-- Flags of rollouts: which share of the calls goes to the consolidated service, read by every process several times a second
-- (`tableFlag`). A change is told on the channel `cdb_rollout` with the name of the flag, when it is committed.
--
-- Only the service role may read and set them, by these functions, and nobody has a right on the table. Its owner can change
-- rows as well, such as in an emergency.
create table cdb.rollout_flags (
  name text not null constraint rollout_flags_pkey primary key
    constraint rollout_flags_name_check check (pg_catalog.length(name) between 1 and 100),
  flag jsonb not null constraint rollout_flags_flag_check check (pg_catalog.jsonb_typeof(flag) = 'object'),
  -- Set by the guard of a process, until somebody takes it away.
  trip jsonb,
  changed_at timestamptz not null default now()
);
alter table cdb.rollout_flags enable row level security;
create policy nobody on cdb.rollout_flags to public using (false);
revoke all on cdb.rollout_flags from public, anon, authenticated, service_role;

create function cdb.tell_rollout() returns trigger
language plpgsql volatile security definer set search_path = '' as $fn$
begin
  perform pg_catalog.pg_notify('cdb_rollout', coalesce(new.name, old.name));
  return null;
end
$fn$;
create trigger tell_rollout after insert or update or delete on cdb.rollout_flags
  for each row execute function cdb.tell_rollout();

-- An array of flag and trip; null where there is no flag of that name.
create function cdb.rollout_flag(flag_name text) returns jsonb
language sql stable security definer set search_path = '' as $fn$
  select pg_catalog.jsonb_build_array(f.flag, f.trip) from cdb.rollout_flags f where f.name = flag_name
$fn$;

-- Sets the flag as a whole. A trip stays.
create function cdb.set_rollout(flag_name text, new_flag jsonb) returns void
language sql volatile security definer set search_path = '' as $fn$
  insert into cdb.rollout_flags as f (name, flag) values (flag_name, new_flag)
  on conflict (name) do update set flag = excluded.flag, changed_at = pg_catalog.now()
$fn$;

-- The first one stays: of several processes that see the same fault, one tells why.
create function cdb.trip_rollout(flag_name text, new_trip jsonb) returns void
language sql volatile security definer set search_path = '' as $fn$
  update cdb.rollout_flags f set trip = new_trip, changed_at = pg_catalog.now()
  where f.name = flag_name and f.trip is null
$fn$;

create function cdb.reset_rollout(flag_name text) returns void
language sql volatile security definer set search_path = '' as $fn$
  update cdb.rollout_flags f set trip = null, changed_at = pg_catalog.now()
  where f.name = flag_name and f.trip is not null
$fn$;

revoke execute on function cdb.tell_rollout(), cdb.rollout_flag(text), cdb.set_rollout(text, jsonb),
  cdb.trip_rollout(text, jsonb), cdb.reset_rollout(text) from public, anon, authenticated, service_role;
grant execute on function cdb.rollout_flag(text), cdb.set_rollout(text, jsonb), cdb.trip_rollout(text, jsonb),
  cdb.reset_rollout(text) to service_role;
