import type { FunctionName } from '../operation.ts';
import type { Caller } from './caller.ts';
import type { Table } from './rows.ts';

/** Which columns a right is for. */
type Columns = 'all' | readonly string[];

interface Rights {
  readonly read: boolean;
  readonly create: Columns;
  readonly change: Columns;
  readonly remove: boolean;
}

const NOTHING: Rights = { read: false, create: [], change: [], remove: false };
const READING: Rights = { ...NOTHING, read: true };
const EVERYTHING: Rights = { read: true, create: 'all', change: 'all', remove: true };

const OF_USERS: Readonly<Record<Table, Rights>> = {
  profiles: {
    ...EVERYTHING,
    change: ['username', 'email', 'display_name', 'home_country', 'preferences'],
  },
  destinations: READING,
  trips: {
    ...EVERYTHING,
    change: [
      'destination_id',
      'title',
      'description',
      'status',
      'visibility',
      'embedding',
      'starts_on',
      'ends_on',
      'budget',
      'currency',
      'tags',
      'metadata',
    ],
  },
  trip_collaborators: { ...EVERYTHING, change: ['role'] },
  api_keys: {
    ...EVERYTHING,
    create: ['user_id', 'name', 'key_prefix', 'key_hash', 'scopes', 'expires_at'],
    change: ['name', 'scopes', 'expires_at', 'revoked_at', 'replaced_at'],
  },
  search_history: {
    ...EVERYTHING,
    create: ['user_id', 'query', 'filters', 'result_count'],
    change: [],
  },
  sign_in_passwords: NOTHING,
  sign_in_sessions: NOTHING,
};

function rightsOf(caller: Caller, table: Table): Rights {
  if (caller.kind === 'service') return EVERYTHING;
  if (caller.kind === 'user') return OF_USERS[table];
  return table === 'trips' || table === 'destinations' ? READING : NOTHING;
}

function covers(right: Columns, columns: readonly string[]): boolean {
  if (right === 'all') return true;
  return right.length > 0 && columns.every((column) => right.includes(column));
}

/** What a caller may do with a table at all, whatever the rows. */
export const hasRight = {
  read: (caller: Caller, table: Table): boolean => rightsOf(caller, table).read,
  create: (caller: Caller, table: Table, columns: readonly string[]): boolean =>
    covers(rightsOf(caller, table).create, columns),
  change: (caller: Caller, table: Table, columns: readonly string[]): boolean =>
    covers(rightsOf(caller, table).change, columns),
  remove: (caller: Caller, table: Table): boolean => rightsOf(caller, table).remove,
  readSummaries: (caller: Caller): boolean => caller.kind !== 'anonymous',
  call: (caller: Caller, name: FunctionName): boolean => CALLERS[name].includes(caller.kind),
};

type Kinds = readonly Caller['kind'][];
const EVERYBODY: Kinds = ['anonymous', 'user', 'service'];
const SIGNED_IN: Kinds = ['user', 'service'];

/** Who may call each function. */
const CALLERS: Readonly<Record<FunctionName, Kinds>> = {
  find_destinations: EVERYBODY,
  nearby_destinations: EVERYBODY,
  count_trips: SIGNED_IN,
  search_trips: EVERYBODY,
  clone_trip: ['user'],
  change_preferences: SIGNED_IN,
  remove_user: SIGNED_IN,
  popular_searches: SIGNED_IN,
  purge_searches: ['service'],
  find_api_key: ['service'],
  register_sign_in: ['service'],
  find_sign_in: ['service'],
  open_sign_in: ['service'],
  refresh_sign_in: ['service'],
};

/** Whether the service alone writes a table. */
export function isOfService(table: Table): boolean {
  const { create, remove } = OF_USERS[table];
  return create.length === 0 && !remove;
}
