-- For the policy of trips: what a trip is like before an update. Volatile, so it sees what was committed while the update waited for
-- the row. By the trip as the statement found it, an editor could publish again what the owner made private meanwhile.
create or replace function private.visibility_of_trip(trip uuid) returns public.trip_visibility
language sql volatile security definer
set search_path = ''
begin atomic
  select t.visibility from public.trips t where t.id = visibility_of_trip.trip;
end;
