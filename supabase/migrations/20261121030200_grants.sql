-- What each role may do at all; which rows is the policies' business.
--
-- Supabase's default privileges grant everything to its roles, so each object starts from nothing.

revoke all on
  public.profiles, public.destinations, public.trips, public.trip_collaborators,
  public.api_keys, public.search_history, public.trip_summaries
from public, anon, authenticated, service_role;

grant usage on schema public to anon, authenticated, service_role;

-- Reference data and public trips.
grant select on public.destinations, public.trips to anon;

grant select on
  public.profiles, public.destinations, public.trips, public.trip_collaborators,
  public.api_keys, public.search_history, public.trip_summaries
to authenticated;

-- Keys and owners are not among the columns to update: a row changes hands by no update, whatever the policy says.
grant insert, delete on public.profiles, public.trips, public.trip_collaborators to authenticated;
grant update (username, email, display_name, home_country, preferences) on public.profiles to authenticated;
grant update (
  destination_id, title, description, status, visibility, starts_on, ends_on, budget, currency, tags, metadata
) on public.trips to authenticated;
grant update (role) on public.trip_collaborators to authenticated;

grant insert (user_id, name, key_prefix, key_hash, scopes, expires_at), delete on public.api_keys to authenticated;
grant update (name, scopes, expires_at, revoked_at) on public.api_keys to authenticated;

grant insert (user_id, query, filters, result_count), delete on public.search_history to authenticated;

grant select, insert, update, delete on
  public.profiles, public.destinations, public.trips, public.trip_collaborators,
  public.api_keys, public.search_history
to service_role;
grant select on public.trip_summaries to service_role;

revoke all on
  function public.nearby_destinations(double precision, double precision, double precision),
  public.match_destinations(extensions.vector, integer, double precision),
  public.find_destinations(text),
  public.find_destinations(text, bigint),
  public.count_trips(public.trip_status),
  public.clone_trip(uuid, text)
from public, anon, authenticated, service_role;

grant execute on
  function public.nearby_destinations(double precision, double precision, double precision),
  public.match_destinations(extensions.vector, integer, double precision),
  public.find_destinations(text),
  public.find_destinations(text, bigint)
to anon, authenticated, service_role;
grant execute on function public.count_trips(public.trip_status) to authenticated, service_role;
grant execute on function public.clone_trip(uuid, text) to authenticated;

revoke all on all functions in schema private from public;
grant usage on schema private to authenticated;
grant execute on
  function private.owned_trip_ids(),
  private.shared_trip_ids(),
  private.editable_trip_ids(),
  private.fellow_traveller_ids()
to authenticated;
