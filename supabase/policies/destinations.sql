-- Public reference data: everyone reads, only the service writes.
alter table public.destinations enable row level security;

drop policy if exists "Everyone reads destinations" on public.destinations;
create policy "Everyone reads destinations" on public.destinations
  for select to anon, authenticated
  using (true);
