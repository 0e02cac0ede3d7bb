-- The policy asks for trips that the caller edits. Of others, whose ids anybody may come across, the function must tell nothing.
create or replace function private.visibility_of_trip(trip uuid) returns public.trip_visibility
language sql stable security definer
set search_path = ''
begin atomic
  select t.visibility
  from public.trips t
  join public.trip_collaborators c on c.trip_id = t.id
  where t.id = visibility_of_trip.trip and c.user_id = (select auth.uid()) and c.role = 'editor';
end;
