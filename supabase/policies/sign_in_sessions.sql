-- No policy: the service alone reaches sessions.
alter table public.sign_in_sessions enable row level security;
