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

/** A function of the service without a condition. */
function without(what: string, signature: string, text: string, tables: readonly Table[]): Mutant {
  const quoted = (part: string) => `$cdb_part$${part}$cdb_part$`;
  return {
    name: `${signature.replace(/\(.*/, '')}: ${what}`,
    focus: { tables, caller: 'service' },
    sql: `do $cdb_mutant$
      declare definition constant text := pg_get_functiondef('${signature}'::regprocedure);
      begin
        assert position(${quoted(text)} in definition) > 0, definition;
        execute replace(definition, ${quoted(text)}, '');
      end $cdb_mutant$`,
  };
}

function altered(name: string, signature: string, what: string, tables: readonly Table[]): Mutant {
  return { name: `${name}: ${what}`, focus: { tables }, sql: `alter function ${name}(${signature}) ${what}` };
}

function grantedToAnonymous(right: string, on: string, tables: readonly Table[]): Mutant {
  return {
    name: `${on}: ${right} granted to anon`,
    focus: { tables, caller: 'anonymous' },
    sql: `grant ${right} on ${on} to anon`,
  };
}

const ME = '(select auth.uid())';

export const NAMED_MUTANTS: readonly Mutant[] = [
  {
    name: 'trip_summaries: security_invoker dropped',
    focus: { tables: ['trips'] },
    sql: 'alter view public.trip_summaries reset (security_invoker)',
  },
  grantedToAnonymous('select', 'public.trip_summaries', ['trips']),
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
  grantedToAnonymous('usage', 'schema private', TRAVEL),
  altered('public.search_trips', 'text, integer, public.trip_status', 'security definer', ['trips']),
  altered('public.change_preferences', 'uuid, jsonb', 'security definer', ['profiles']),
  altered('public.remove_user', 'uuid', 'security definer', ['profiles']),
  altered('public.purge_searches', 'integer, integer', 'security definer', ['search_history']),
  altered('private.visibility_of_trip', 'uuid', 'security invoker', TRAVEL),
  {
    name: 'private.visibility_of_trip: of everybody',
    focus: { tables: TRAVEL },
    sql: `create or replace function private.visibility_of_trip(trip uuid) returns public.trip_visibility
      language sql stable security definer set search_path = ''
      as $$ select t.visibility from public.trips t where t.id = trip $$`,
  },
  {
    name: 'private.popular_searches: of anybody',
    focus: { tables: ['search_history'] },
    sql: `create or replace function private.popular_searches(since timestamptz, max_rows integer, least_users integer)
      returns table (query text, users bigint) language sql stable security definer set search_path = ''
      as $$
        select lower(btrim(s.query)), count(distinct s.user_id) from public.search_history s where s.searched_at >= since
        group by 1 having count(distinct s.user_id) >= least_users
      $$`,
  },
  {
    name: 'api_keys: revocation can be taken back',
    focus: { tables: ['api_keys'] },
    sql: 'drop trigger api_keys_keep_revocation on public.api_keys',
  },
  {
    name: 'api_keys: names taken for ever',
    focus: { tables: ['api_keys'] },
    sql: 'drop index public.api_keys_user_id_name_key; create unique index on public.api_keys (user_id, name)',
  },
  without('revoked ones too', 'public.find_api_key(text)', 'and k.revoked_at is null', ['api_keys']),
  without(
    'expired ones too',
    'public.find_api_key(text)',
    'and (k.expires_at is null or k.expires_at > now())',
    ['api_keys'],
  ),
  ...[
    'public.find_api_key(text)',
    'public.find_sign_in(text)',
    'public.refresh_sign_in(uuid,text,text)',
  ].flatMap((signature) => {
    const tables = [
      signature.includes('key')
        ? 'api_keys'
        : signature.includes('find')
          ? 'sign_in_passwords'
          : 'sign_in_sessions',
    ] as const;
    return [
      without('of deleted users', signature, 'and u.deleted_at is null', tables),
      without(
        'of banned users',
        signature,
        'and (u.banned_until is null or u.banned_until <= now())',
        tables,
      ),
    ];
  }),
  without(
    'with any secret',
    'public.refresh_sign_in(uuid,text,text)',
    'and s.token_hash = refresh_sign_in.token_hash',
    ['sign_in_sessions'],
  ),
  without('of an expired session', 'public.refresh_sign_in(uuid,text,text)', 'and s.expires_at > now()', [
    'sign_in_sessions',
  ]),
  without(
    'with any password',
    'public.open_sign_in(uuid,text,text,timestamp with time zone)',
    'and p.password_hash = open_sign_in.password_hash',
    ['sign_in_passwords'],
  ),
];
