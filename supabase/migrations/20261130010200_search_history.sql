-- What is told of searches across users, and how they are forgotten.

create index search_history_searched_at_idx on public.search_history (searched_at);

-- Searches of at least five users, however few are asked for: fewer could tell who searched. Upper and lower case, and spaces around
-- a search, make no difference.
create function private.popular_searches(since timestamptz, max_rows integer, least_users integer)
returns table (query text, users bigint)
language sql stable security definer
set search_path = ''
begin atomic
  select lower(btrim(s.query)) as query, count(distinct s.user_id) as users
  from public.search_history s
  where s.searched_at >= popular_searches.since
  group by lower(btrim(s.query))
  having count(distinct s.user_id) >= greatest(popular_searches.least_users, 5)
  order by users desc, query
  limit least(greatest(popular_searches.max_rows, 0), 1000);
end;

create function public.popular_searches(since timestamptz, max_rows integer default 10, least_users integer default 5)
returns table (query text, users bigint)
language sql stable security invoker
set search_path = ''
begin atomic
  select p.query, p.users
  from private.popular_searches(popular_searches.since, popular_searches.max_rows, popular_searches.least_users) p;
end;

-- Forgets the oldest searches first, at most so many, and says how many these were.
create function public.purge_searches(older_than_days integer, max_rows integer) returns integer
language sql volatile security invoker
set search_path = ''
begin atomic
  with gone as (
    delete from public.search_history s
    where s.id = any (array(
      select o.id from public.search_history o
      where o.searched_at < now() - make_interval(days => purge_searches.older_than_days)
      order by o.searched_at
      limit purge_searches.max_rows
    ))
    returning s.id
  )
  select count(*)::integer from gone;
end;

revoke all on
  function private.popular_searches(timestamptz, integer, integer),
  public.popular_searches(timestamptz, integer, integer),
  public.purge_searches(integer, integer)
from public, anon, authenticated, service_role;

grant execute on
  function private.popular_searches(timestamptz, integer, integer),
  public.popular_searches(timestamptz, integer, integer)
to authenticated, service_role;
grant execute on function public.purge_searches(integer, integer) to service_role;
