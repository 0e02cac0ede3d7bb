export const ANA = '00000000-0000-4000-8000-00000000000a';
export const BEN = '00000000-0000-4000-8000-00000000000b';

/** Makes the two. Runs as the owner. */
export const USERS = `
insert into auth.users (id, email) values ('${ANA}', 'ana@example.org'), ('${BEN}', 'ben@example.org') on conflict do nothing;
insert into public.profiles (id, username, email) values ('${ANA}', 'ana', 'ana@example.org'), ('${BEN}', 'ben', 'ben@example.org')
  on conflict do nothing;
`;
