-- What trips are found by: their text, and a vector of whoever knows how to make one.

alter table public.trips add column embedding extensions.vector(16);
comment on column public.trips.embedding is 'What the trip is like, in the space of the embeddings of destinations. The application makes it.';
grant update (embedding) on public.trips to authenticated;

create index trips_embedding_idx on public.trips using hnsw (embedding extensions.vector_cosine_ops);

-- The title counts more than the description.
create index trips_text_idx on public.trips using gin (
  (setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', description), 'B'))
);

-- Best first, among the trips that the caller may see. A body of standard SQL, so that the cache knows what it reads.
create function public.search_trips(
  query text,
  max_rows integer default 20,
  with_status public.trip_status default null
) returns table (
  id uuid,
  owner_id uuid,
  destination_id bigint,
  title text,
  description text,
  status public.trip_status,
  visibility public.trip_visibility,
  starts_on date,
  ends_on date,
  budget numeric,
  currency text,
  tags text[],
  metadata jsonb,
  created_at timestamptz,
  updated_at timestamptz,
  rank real
)
language sql stable security invoker
set search_path = ''
begin atomic
  select
    t.id, t.owner_id, t.destination_id, t.title, t.description, t.status, t.visibility, t.starts_on, t.ends_on, t.budget,
    t.currency, t.tags, t.metadata, t.created_at, t.updated_at,
    ts_rank_cd(
      setweight(to_tsvector('simple', t.title), 'A') || setweight(to_tsvector('simple', t.description), 'B'),
      websearch_to_tsquery('simple', search_trips.query)
    ) as rank
  from public.trips t
  where (setweight(to_tsvector('simple', t.title), 'A') || setweight(to_tsvector('simple', t.description), 'B'))
      @@ websearch_to_tsquery('simple', search_trips.query)
    and (search_trips.with_status is null or t.status = search_trips.with_status)
  order by rank desc, t.id
  limit least(greatest(search_trips.max_rows, 0), 1000);
end;
revoke all on function public.search_trips(text, integer, public.trip_status) from public, anon, authenticated, service_role;
grant execute on function public.search_trips(text, integer, public.trip_status) to anon, authenticated, service_role;
