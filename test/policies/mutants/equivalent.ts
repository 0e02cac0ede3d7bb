/** Mutants that nobody can notice, because they let through and keep back what the policies do. */
export interface Equivalent {
  readonly name: string;
  readonly reason: string;
}

/** Policies of users, on tables or for commands that anonymous callers have no right on. */
const OF_USERS = [
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
  'trips, "Owners and editors change a trip"',
];

export const EQUIVALENT: readonly Equivalent[] = [
  ...OF_USERS.flatMap((policy) =>
    ['to public', 'to anon too'].map((what) => ({
      name: `${policy}: ${what}`,
      reason: 'anonymous callers lack the right on the table, and the service passes by policies',
    })),
  ),
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
  {
    name: 'function public.clone_trip(uuid, text): execute granted to anon',
    reason: 'it inserts as its caller, and anonymous callers have no right to insert trips',
  },
  {
    name: 'public.find_destinations: security definer',
    reason: 'everybody reads all destinations',
  },
];

export function equivalentOf(name: string): Equivalent | undefined {
  return EQUIVALENT.find((one) => one.name === name);
}
