/** Each function that a role may not call, given to it. */
import type { Focus } from '../generate-case.ts';
import type { Table } from '../model/rows.ts';
import type { Mutant, Query } from './mutant.ts';

interface MissingCall {
  readonly role: 'anon' | 'authenticated' | 'service_role';
  readonly name: string;
  readonly signature: string;
}

/** Anonymous callers have no right on the schema of the private ones. */
const MISSING = `
  select r.role, p.oid::regprocedure::text as signature, p.proname::text as name
  from unnest('{anon,authenticated,service_role}'::text[]) r (role), pg_proc p
  where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
    and p.prorettype <> 'trigger'::regtype
    and (r.role <> 'anon' or p.pronamespace = 'public'::regnamespace)
    and not has_function_privilege(r.role, p.oid, 'execute')
  order by 1, 2`;

const TRAVEL: readonly Table[] = ['trips', 'trip_collaborators', 'profiles'];

/** Where calls of a function are generated. */
const ABOUT: Readonly<Record<string, readonly Table[]>> = {
  count_trips: ['trips'],
  clone_trip: ['trips'],
  owned_trip_ids: TRAVEL,
  shared_trip_ids: TRAVEL,
  editable_trip_ids: TRAVEL,
  fellow_traveller_ids: TRAVEL,
  visibility_of_trip: TRAVEL,
  change_preferences: ['profiles'],
  remove_user: ['profiles'],
  remove_caller: ['profiles'],
  popular_searches: ['search_history'],
  purge_searches: ['search_history'],
  find_api_key: ['api_keys'],
  note_api_key_uses: ['api_keys'],
  register_sign_in: ['sign_in_passwords'],
  find_sign_in: ['sign_in_passwords'],
  open_sign_in: ['sign_in_passwords'],
  refresh_sign_in: ['sign_in_sessions'],
};

const CALLERS: Readonly<Record<MissingCall['role'], Focus['caller']>> = {
  anon: 'anonymous',
  authenticated: undefined,
  service_role: 'service',
};

export async function functionMutants(query: Query): Promise<readonly Mutant[]> {
  const missing = (await query(MISSING)) as readonly MissingCall[];
  return missing.map(({ role, name, signature }) => {
    const tables = ABOUT[name];
    if (tables === undefined) throw new Error(`No calls of the function "${name}" are generated.`);
    const caller = CALLERS[role];
    return {
      name: `${signature}: execute granted to ${role}`,
      focus: { tables, ...(caller && { caller }) },
      sql: `grant execute on function ${signature} to ${role}`,
    };
  });
}
