-- Volatile, so it sees what was committed while the update waited for the row. By the trip as the statement found it, an editor could
-- publish again what the owner made private meanwhile.
create or replace function private.visibility_of_trip(trip uuid) returns public.trip_visibility
language sql volatile security definer
set search_path = ''
begin atomic
  select t.visibility
  from public.trips t
  join public.trip_collaborators c on c.trip_id = t.id
  where t.id = visibility_of_trip.trip and c.user_id = (select auth.uid()) and c.role = 'editor';
end;
