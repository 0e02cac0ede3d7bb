import type { Caller } from './caller.ts';
import type { Row, Table } from './rows.ts';

/** What a new row has in the columns that are not given. */
export function defaultsOf(table: Table, caller: Caller): Row {
  const own = caller.kind === 'user' ? caller.id : null;
  switch (table) {
    case 'profiles':
      return { display_name: '', home_country: null, preferences: {} };
    case 'destinations':
      return { population: 0 };
    case 'trips':
      return {
        owner_id: own,
        destination_id: null,
        description: '',
        status: 'planning',
        visibility: 'private',
        embedding: null,
        starts_on: null,
        ends_on: null,
        budget: null,
        currency: null,
        tags: [],
        metadata: {},
      };
    case 'trip_collaborators':
      return { role: 'viewer' };
    case 'api_keys':
      return {
        user_id: own,
        scopes: [],
        last_used_at: null,
        expires_at: null,
        revoked_at: null,
        replaced_at: null,
      };
    case 'search_history':
      return { user_id: own, filters: {}, result_count: 0 };
    case 'sign_in_passwords':
    case 'sign_in_sessions':
      return {};
  }
}
