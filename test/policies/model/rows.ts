/** What a column holds, in the form in which the service returns it. */
export type Value = string | number | null | readonly string[] | Readonly<Record<string, string>>;
export type Row = Readonly<Record<string, Value>>;

// Columns that the database alone fills in (created_at, updated_at, searched_at, the ids of keys and searches) are not modelled.

export type Profile = {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly display_name: string;
  readonly home_country: string | null;
  readonly preferences: Readonly<Record<string, string>>;
};

export type Destination = {
  readonly id: number;
  readonly name: string;
  readonly country_code: string;
  readonly population: number;
  readonly latitude: number;
  readonly longitude: number;
};

export type Trip = {
  readonly id: string;
  readonly owner_id: string;
  readonly destination_id: number | null;
  readonly title: string;
  readonly description: string;
  readonly status: string;
  readonly visibility: string;
  readonly embedding: string | null;
  readonly starts_on: string | null;
  readonly ends_on: string | null;
  readonly budget: number | null;
  readonly currency: string | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
};

export type Collaborator = {
  readonly trip_id: string;
  readonly user_id: string;
  readonly role: string;
};

export type ApiKey = {
  readonly user_id: string;
  readonly name: string;
  readonly key_prefix: string;
  readonly key_hash: string;
  readonly scopes: readonly string[];
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly replaced_at: string | null;
};

export type Search = {
  readonly user_id: string;
  readonly query: string;
  readonly filters: Readonly<Record<string, string>>;
  readonly result_count: number;
};

export type SignInPassword = {
  readonly user_id: string;
  readonly email: string;
  readonly password_hash: string;
};

export type SignInSession = {
  readonly id: string;
  readonly user_id: string;
  readonly token_hash: string;
  readonly expires_at: string;
};

/** The row of each table. */
export interface Rows {
  readonly profiles: Profile;
  readonly destinations: Destination;
  readonly trips: Trip;
  readonly trip_collaborators: Collaborator;
  readonly api_keys: ApiKey;
  readonly search_history: Search;
  readonly sign_in_passwords: SignInPassword;
  readonly sign_in_sessions: SignInSession;
}

export type Table = keyof Rows;

/** The modelled columns. */
export const COLUMNS = {
  profiles: ['id', 'username', 'email', 'display_name', 'home_country', 'preferences'],
  destinations: ['id', 'name', 'country_code', 'population', 'latitude', 'longitude'],
  trips: [
    'id',
    'owner_id',
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
  trip_collaborators: ['trip_id', 'user_id', 'role'],
  api_keys: [
    'user_id',
    'name',
    'key_prefix',
    'key_hash',
    'scopes',
    'last_used_at',
    'expires_at',
    'revoked_at',
    'replaced_at',
  ],
  search_history: ['user_id', 'query', 'filters', 'result_count'],
  sign_in_passwords: ['user_id', 'email', 'password_hash'],
  sign_in_sessions: ['id', 'user_id', 'token_hash', 'expires_at'],
} as const satisfies { readonly [T in Table]: readonly (keyof Rows[T])[] };

export const TABLES = Object.keys(COLUMNS) as readonly Table[];

/** Columns that find one row: the primary key, or what is as unique where the database makes that up. */
export const KEYS: Readonly<Record<Table, readonly string[]>> = {
  profiles: ['id'],
  destinations: ['id'],
  trips: ['id'],
  trip_collaborators: ['trip_id', 'user_id'],
  api_keys: ['key_hash'],
  search_history: ['query'],
  sign_in_passwords: ['user_id'],
  sign_in_sessions: ['id'],
};
