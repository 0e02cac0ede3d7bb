-- Functions for rpc run as their caller; the ones in private see past row level security, so that a
-- policy can ask for a trip's members without asking that table's own policy in turn.

create function private.owned_trip_ids() returns setof uuid
language sql stable security definer
set search_path = ''
as $$
  select t.id from public.trips t where t.owner_id = (select auth.uid())
$$;

create function private.shared_trip_ids() returns setof uuid
language sql stable security definer
set search_path = ''
as $$
  select c.trip_id from public.trip_collaborators c where c.user_id = (select auth.uid())
$$;

create function private.editable_trip_ids() returns setof uuid
language sql stable security definer
set search_path = ''
as $$
  select c.trip_id from public.trip_collaborators c
  where c.user_id = (select auth.uid()) and c.role = 'editor'
$$;

-- Everyone on a trip that the caller owns or shares.
create function private.fellow_traveller_ids() returns setof uuid
language sql stable security definer
set search_path = ''
as $$
  select c.user_id from public.trip_collaborators c
  where c.trip_id = any (array(select private.owned_trip_ids()))
    or c.trip_id = any (array(select private.shared_trip_ids()))
  union
  select t.owner_id from public.trips t
  where t.id = any (array(select private.shared_trip_ids()))
$$;

create function public.nearby_destinations(
  lat double precision,
  lon double precision,
  radius_km double precision default 100
) returns table (
  id bigint,
  name text,
  country_code text,
  population bigint,
  distance_km double precision
)
language sql stable security invoker
set search_path = ''
as $$
  select d.id, d.name, d.country_code, d.population, d.km
  from (
    select
      p.*,
      2 * 6371.0088 * asin(least(1, sqrt(
        power(sin(radians(p.latitude - lat) / 2), 2)
        + cos(radians(lat)) * cos(radians(p.latitude)) * power(sin(radians(p.longitude - lon) / 2), 2)
      ))) as km
    from public.destinations p
    -- A degree of latitude is never shorter than 110.5 km: the index narrows to the band first.
    where p.latitude between lat - radius_km / 110.5 and lat + radius_km / 110.5
  ) d
  where d.km <= radius_km
  order by d.km, d.id
$$;

create function public.match_destinations(
  query_embedding extensions.vector,
  match_count integer default 10,
  min_similarity double precision default 0
) returns table (
  id bigint,
  name text,
  country_code text,
  population bigint,
  similarity double precision
)
language sql stable security invoker
set search_path = ''
as $$
  select d.id, d.name, d.country_code, d.population, 1 - d.distance
  from (
    select p.*, p.embedding operator(extensions.<=>) query_embedding as distance
    from public.destinations p
    where p.embedding is not null
    order by p.embedding operator(extensions.<=>) query_embedding
    limit least(greatest(match_count, 0), 1000)
  ) d
  where 1 - d.distance >= min_similarity
  order by d.distance, d.id
$$;

-- One name, two argument lists: resolved by the names of the arguments.
create function public.find_destinations(named text) returns setof public.destinations
language sql stable security invoker
set search_path = ''
as $$
  select d.* from public.destinations d
  where d.search @@ plainto_tsquery('simple', named)
  order by d.population desc, d.id
$$;

create function public.find_destinations(country text, min_population bigint default 0)
returns setof public.destinations
language sql stable security invoker
set search_path = ''
as $$
  select d.* from public.destinations d
  where d.country_code = country and d.population >= min_population
  order by d.population desc, d.id
$$;

-- Counts what the caller may see; with null, whatever the status.
create function public.count_trips(with_status public.trip_status default null) returns bigint
language sql stable security invoker
set search_path = ''
as $$
  select count(*) from public.trips t where with_status is null or t.status = with_status
$$;

-- Copies a trip that the caller may see into a private one of the caller's own; returns the new trip's id.
create function public.clone_trip(trip_id uuid, new_title text default null) returns uuid
language plpgsql volatile security invoker
set search_path = ''
as $$
declare
  cloned uuid;
begin
  insert into public.trips (owner_id, destination_id, title, description, starts_on, ends_on, budget, currency, tags, metadata)
  select
    (select auth.uid()), t.destination_id, coalesce(clone_trip.new_title, left(t.title || ' (copy)', 200)), t.description,
    t.starts_on, t.ends_on, t.budget, t.currency, t.tags, t.metadata
  from public.trips t
  where t.id = clone_trip.trip_id
  returning id into cloned;
  if cloned is null then
    raise exception 'No such trip, or not visible to the caller' using errcode = 'no_data_found';
  end if;
  return cloned;
end
$$;
