-- No policy: the service alone reaches password hashes.
alter table public.sign_in_passwords enable row level security;
