-- For the policy of trips: what a trip is like before an update. Stable, so it sees the rows as the statement found them.
create function private.visibility_of_trip(trip uuid) returns public.trip_visibility
language sql stable security definer
set search_path = ''
begin atomic
  select t.visibility from public.trips t where t.id = visibility_of_trip.trip;
end;
revoke all on function private.visibility_of_trip(uuid) from public, anon, authenticated, service_role;
grant execute on function private.visibility_of_trip(uuid) to authenticated;
