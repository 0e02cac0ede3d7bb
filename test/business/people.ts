/** Ana owns trips, Eve edits them, Vic views them, Sam shares nothing. */
export const ANA = '00000000-0000-4000-8000-00000000000a';
export const EVE = '00000000-0000-4000-8000-0000000000ee';
export const VIC = '00000000-0000-4000-8000-0000000000cc';
export const SAM = '00000000-0000-4000-8000-0000000000dd';

const NAMES = { ana: ANA, eve: EVE, vic: VIC, sam: SAM };

/** Empties the domain, and lets those four in. Runs as the owner. */
export const PEOPLE = `
  truncate public.profiles, public.destinations, public.search_history restart identity cascade;
  delete from auth.users;
  insert into auth.users (id, email) values ${Object.entries(NAMES)
    .map(([name, id]) => `('${id}', '${name}@example.com')`)
    .join()};
  insert into public.profiles (id, username, email) values ${Object.entries(NAMES)
    .map(([name, id]) => `('${id}', '${name}', '${name}@example.com')`)
    .join()};
`;
