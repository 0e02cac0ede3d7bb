/** The view and the functions, weakened. */
import type { Table } from '../model/rows.ts';
import type { Mutant } from './mutant.ts';

const TRAVEL: readonly Table[] = ['trips', 'trip_collaborators', 'profiles'];

/** A helper function of the policies, with another query. */
function helper(what: string, name: string, query: string): Mutant {
  return {
    name: `private.${name}: ${what}`,
    focus: { tables: TRAVEL },
    sql: `create or replace function private.${name}() returns setof uuid
      language sql stable security definer set search_path = '' as $$ ${query} $$`,
  };
}

function altered(name: string, signature: string, what: string, tables: readonly Table[]): Mutant {
  return { name: `${name}: ${what}`, focus: { tables }, sql: `alter function ${name}(${signature}) ${what}` };
}

const CALLERS: Readonly<Record<string, 'anonymous' | 'service'>> = {
  anon: 'anonymous',
  service_role: 'service',
};

function granted(right: string, on: string, role: string, tables: readonly Table[]): Mutant {
  return {
    name: `${on}: ${right} granted to ${role}`,
    focus: { tables, ...(CALLERS[role] && { caller: CALLERS[role] }) },
    sql: `grant ${right} on ${on} to ${role}`,
  };
}

const ME = '(select auth.uid())';
const COUNT_TRIPS = 'function public.count_trips(public.trip_status)';
const CLONE_TRIP = 'function public.clone_trip(uuid, text)';

export const NAMED_MUTANTS: readonly Mutant[] = [
  {
    name: 'trip_summaries: security_invoker dropped',
    focus: { tables: ['trips'] },
    sql: 'alter view public.trip_summaries reset (security_invoker)',
  },
  granted('select', 'public.trip_summaries', 'anon', ['trips']),
  helper('of everybody', 'owned_trip_ids', 'select id from public.trips'),
  helper('of nobody', 'owned_trip_ids', 'select id from public.trips where false'),
  helper('of everybody', 'shared_trip_ids', 'select trip_id from public.trip_collaborators'),
  helper(
    'of editors alone',
    'shared_trip_ids',
    `select trip_id from public.trip_collaborators where user_id = ${ME} and role = 'editor'`,
  ),
  helper(
    'of viewers too',
    'editable_trip_ids',
    `select trip_id from public.trip_collaborators where user_id = ${ME}`,
  ),
  helper(
    'of all editors',
    'editable_trip_ids',
    `select trip_id from public.trip_collaborators where role = 'editor'`,
  ),
  helper('everybody', 'fellow_traveller_ids', 'select id from public.profiles'),
  helper(
    'all who are on any trip with others',
    'fellow_traveller_ids',
    'select user_id from public.trip_collaborators union select t.owner_id from public.trips t join public.trip_collaborators c on c.trip_id = t.id',
  ),
  helper(
    'without the owners',
    'fellow_traveller_ids',
    `select user_id from public.trip_collaborators
     where trip_id = any (array(select private.owned_trip_ids())) or trip_id = any (array(select private.shared_trip_ids()))`,
  ),
  helper(
    'without those who share with a collaborator',
    'fellow_traveller_ids',
    `select user_id from public.trip_collaborators where trip_id = any (array(select private.owned_trip_ids()))
     union select owner_id from public.trips where id = any (array(select private.shared_trip_ids()))`,
  ),
  ...['owned_trip_ids', 'shared_trip_ids', 'editable_trip_ids', 'fellow_traveller_ids'].map((name) =>
    altered(`private.${name}`, '', 'security invoker', TRAVEL),
  ),
  altered('public.count_trips', 'public.trip_status', 'security definer', ['trips']),
  altered('public.clone_trip', 'uuid, text', 'security definer', ['trips']),
  altered('public.find_destinations', 'text', 'security definer', ['destinations']),
  granted('execute', COUNT_TRIPS, 'anon', ['trips']),
  granted('execute', CLONE_TRIP, 'anon', ['trips']),
  granted('execute', CLONE_TRIP, 'service_role', ['trips']),
  granted('usage', 'schema private', 'anon', TRAVEL),
];
