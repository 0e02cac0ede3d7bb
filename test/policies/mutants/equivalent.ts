/** Mutants that nobody can notice, because they let through and keep back what the policies do. */
export interface Equivalent {
  readonly name: string;
  readonly reason: string;
}

/** Policies of users, on tables or for commands that anonymous callers have no right on. */
const OF_USERS = [
  'api_keys, "An API key changes no API keys"',
  'api_keys, "An API key creates no API keys"',
  'api_keys, "An API key deletes no API keys"',
  'api_keys, "Users change their own API keys"',
  'api_keys, "Users create their own API keys"',
  'api_keys, "Users delete their own API keys"',
  'api_keys, "Users read their own API keys"',
  'profiles, "Users change their own profile"',
  'profiles, "Users create their own profile"',
  'profiles, "Users delete their own profile"',
  'profiles, "Users read their own profile and those of fellow travellers"',
  'search_history, "Users delete their own searches"',
  'search_history, "Users read their own searches"',
  'search_history, "Users record their own searches"',
  'trip_collaborators, "Members see who shares their trips"',
  'trip_collaborators, "Owners change the roles on their trips"',
  'trip_collaborators, "Owners invite others to their trips"',
  'trip_collaborators, "Owners remove collaborators, who may also leave"',
  'trips, "Owners and editors change a trip"',
  'trips, "Owners delete their trips"',
  'trips, "Users create their own trips"',
];

const OF_UPDATES = [
  'api_keys, "Users change their own API keys"',
  'profiles, "Users change their own profile"',
  'trip_collaborators, "Owners change the roles on their trips"',
];

const NOTE_API_KEY_USES = 'note_api_key_uses(uuid[],timestamp with time zone[])';
const OPEN_SIGN_IN = 'open_sign_in(uuid,text,text,timestamp with time zone)';

const BEYOND_ANONYMOUS = [
  ['clone_trip(uuid,text)', 'insert trips'],
  ['change_preferences(uuid,jsonb)', 'change profiles'],
  ['popular_searches(timestamp with time zone,integer,integer)', 'call the private function'],
  ['purge_searches(integer,integer)', 'delete searches'],
  [NOTE_API_KEY_USES, 'change API keys'],
  [OPEN_SIGN_IN, 'write sessions'],
] as const;

export const EQUIVALENT: readonly Equivalent[] = [
  ...OF_USERS.flatMap((policy) =>
    ['to public', 'to anon too'].map((what) => ({
      name: `${policy}: ${what}`,
      reason: 'anonymous callers lack the right on the table, and the service passes by policies',
    })),
  ),
  ...['WITH CHECK true', 'WITH CHECK dropped'].map((what) => ({
    name: `api_keys, "An API key changes no API keys": ${what}`,
    reason: 'its condition looks at who acts, not at the row: USING has refused already what it would refuse',
  })),
  ...OF_UPDATES.map((policy) => ({
    name: `${policy}: WITH CHECK true`,
    reason: 'users have no right to change the columns that it looks at',
  })),
  ...OF_UPDATES.map((policy) => ({
    name: `${policy}: WITH CHECK dropped`,
    reason: 'without it Postgres checks by USING, which is the same',
  })),
  {
    name: 'destinations, "Everyone reads destinations": to public',
    reason: 'it is for all roles but the service, which passes by policies',
  },
  {
    name: 'destinations, "Everyone reads destinations": for all',
    reason: 'only the service has a right to write',
  },
  {
    name: 'destinations: row level security disabled',
    reason: 'its policy lets everybody read everything, and only the service has a right to write',
  },
  {
    name: 'trips, "Everyone reads public trips": to public',
    reason: 'users read public trips by a policy of their own',
  },
  {
    name: 'trips, "Everyone reads public trips": for all',
    reason: 'anonymous callers have no right to write',
  },
  {
    name: 'api_keys, "Users read their own API keys": for all',
    reason: 'users may do all else with their own keys by other policies',
  },
  {
    name: 'search_history, "Users read their own searches": for all',
    reason: 'users may add and delete their own by other policies, and have no right to change them',
  },
  ...['owned_trip_ids', 'shared_trip_ids', 'editable_trip_ids', 'fellow_traveller_ids'].map((name) => ({
    name: `private.${name}: security invoker`,
    reason:
      'it asks for rows that the caller may read anyway; as its definer it is not held up by the policies that call it',
  })),
  ...['sign_in_passwords', 'sign_in_sessions'].map((table) => ({
    name: `${table}: row level security disabled`,
    reason: 'only the service has a right on it',
  })),
  {
    name: 'private.visibility_of_trip: security invoker',
    reason: 'who edits a trip may read it, and the own row among its collaborators',
  },
  {
    name: 'public.purge_searches: security definer',
    reason: 'only the service has a right to call it, which deletes whatever it wants',
  },
  ...BEYOND_ANONYMOUS.map(([signature, what]) => ({
    name: `${signature}: execute granted to anon`,
    reason: `it runs as its caller, and anonymous callers have no right to ${what}`,
  })),
  {
    name: `${NOTE_API_KEY_USES}: execute granted to authenticated`,
    reason: 'it runs as its caller, and users have no right to change when a key was last used',
  },
  {
    name: `${OPEN_SIGN_IN}: execute granted to authenticated`,
    reason: 'it runs as its caller, and users have no right on sessions',
  },
  {
    name: 'public.find_destinations: security definer',
    reason: 'everybody reads all destinations',
  },
];

export function equivalentOf(name: string): Equivalent | undefined {
  return EQUIVALENT.find((one) => one.name === name);
}
