import { user } from '../../src/consolidated/identity/actors.ts';
import { type AdminQueries, rlsMatrix } from '../../src/testing/index.ts';

/** Who the matrix is about. */
export const USERS = {
  /** Owns the private trip 'secret' and the public trip 'open'. */
  owner: '00000000-0000-4000-8000-000000000001',
  /** Edits 'secret'. */
  editor: '00000000-0000-4000-8000-000000000002',
  /** Views 'secret'. */
  viewer: '00000000-0000-4000-8000-000000000003',
  /** Shares nothing; owns one private trip. */
  stranger: '00000000-0000-4000-8000-000000000004',
  /** Signed up, and has no profile yet. */
  newcomer: '00000000-0000-4000-8000-000000000005',
} as const;

export const TRIPS = {
  secret: '00000000-0000-4000-8000-0000000000a1',
  open: '00000000-0000-4000-8000-0000000000a2',
  other: '00000000-0000-4000-8000-0000000000a3',
} as const;

const { owner, editor, viewer, stranger, newcomer } = USERS;
const { secret, open, other } = TRIPS;

/** The user of a column; the other columns act on what is the owner's. */
function idOf(identity: string): string {
  return Object.entries(USERS).find(([name]) => name === identity)?.[1] ?? owner;
}

/** Two destinations, three trips, and of everything that a user owns one for each. */
export async function seedProject(admin: AdminQueries): Promise<void> {
  const people = Object.entries(USERS);
  for (const [name, id] of people) {
    await admin.query('insert into auth.users (id, email) values ($1, $2)', [id, `${name}@example.org`]);
  }
  for (const [name, id] of people.filter(([, id]) => id !== newcomer)) {
    await admin.query('insert into profiles (id, username, email) values ($1, $2, $3)', [
      id,
      name,
      `${name}@example.org`,
    ]);
    await admin.query(
      "insert into api_keys (user_id, name, key_prefix, key_hash) values ($1, 'ci', 'cdb_abcd', encode(sha256(convert_to($2, 'UTF8')), 'hex'))",
      [id, name],
    );
    await admin.query("insert into search_history (user_id, query) values ($1, 'beaches')", [id]);
  }
  await admin.query(
    "insert into destinations (name, country_code, latitude, longitude) values ('Lisbon', 'PT', 38.7, -9.1), ('Porto', 'PT', 41.1, -8.6)",
  );
  for (const [id, of, title, visibility] of [
    [secret, owner, 'secret', 'private'],
    [open, owner, 'open', 'public'],
    [other, stranger, 'other', 'private'],
  ]) {
    await admin.query('insert into trips (id, owner_id, title, visibility) values ($1, $2, $3, $4)', [
      id,
      of,
      title,
      visibility,
    ]);
  }
  await admin.query(
    "insert into trip_collaborators (trip_id, user_id, role) values ($1, $2, 'editor'), ($1, $3, 'viewer')",
    [secret, editor, viewer],
  );
  await admin.query(
    "insert into sign_in_passwords (user_id, email, password_hash) values ($1, 'owner@example.org', '$argon2id$')",
    [owner],
  );
  await admin.query(
    "insert into sign_in_sessions (user_id, token_hash, expires_at) values ($1, repeat('a', 64), '2098-01-01')",
    [owner],
  );
}

const OF_USER = {
  owner: { user_id: owner },
  editor: { user_id: editor },
  viewer: { user_id: viewer },
  stranger: { user_id: stranger },
};
const newKey = (of: string) => ({
  user_id: of,
  name: 'new',
  key_prefix: 'cdb_efgh',
  key_hash: 'a'.repeat(64),
});

/** Who may do what with the tables of this project: every table, command and identity. */
export const projectMatrix = rlsMatrix({
  users: {
    owner: user({ sub: owner }),
    editor: user({ sub: editor }),
    viewer: user({ sub: viewer }),
    stranger: user({ sub: stranger }),
    newcomer: user({ sub: newcomer }),
    /** Acts as the owner, by an API key. */
    program: user({ sub: owner, api_key_id: '00000000-0000-4000-8000-0000000000b1' }),
  },
  seed: seedProject,
  tables: {
    destinations: {
      rows: { lisbon: { name: 'Lisbon' }, porto: { name: 'Porto' } },
      insert: { name: 'Faro', country_code: 'PT', latitude: 37, longitude: -8 },
      update: { population: 1 },
    },
    profiles: {
      rows: {
        owner: { id: owner },
        editor: { id: editor },
        viewer: { id: viewer },
        stranger: { id: stranger },
      },
      insert: { id: newcomer, username: 'newcomer', email: 'newcomer@example.org' },
      update: { display_name: 'X' },
      'update id': { id: other },
      'update created_at': { created_at: '2026-01-01' },
      'update updated_at': { updated_at: '2026-01-01' },
    },
    trips: {
      rows: { secret: { id: secret }, open: { id: open }, other: { id: other } },
      insert: { owner_id: owner, title: 'X' },
      'insert own': (who) => ({ owner_id: who === 'newcomer' ? stranger : idOf(who), title: 'X' }),
      update: { title: 'X' },
      'update visibility': { visibility: 'public' },
      'update owner_id': { owner_id: viewer },
      'update id': { id: other },
      'update created_at': { created_at: '2026-01-01' },
      'update updated_at': { updated_at: '2026-01-01' },
    },
    trip_summaries: {
      rows: { secret: { id: secret }, open: { id: open }, other: { id: other } },
    },
    trip_collaborators: {
      rows: { editing: { user_id: editor }, viewing: { user_id: viewer } },
      insert: { trip_id: secret, user_id: stranger },
      'insert editor': { trip_id: open, user_id: viewer, role: 'editor' },
      'insert self': (who) => ({ trip_id: open, user_id: who === 'newcomer' ? stranger : idOf(who) }),
      update: { role: 'editor' },
      'update created_at': { created_at: '2026-01-01' },
      'update updated_at': { updated_at: '2026-01-01' },
      'update trip_id': { trip_id: other },
      'update user_id': { user_id: owner },
    },
    api_keys: {
      rows: OF_USER,
      insert: newKey(owner),
      'insert own': (who) => newKey(who === 'newcomer' ? stranger : idOf(who)),
      'insert id': { ...newKey(owner), id: other },
      'insert last_used_at': { ...newKey(owner), last_used_at: '2026-01-01' },
      'insert revoked_at': { ...newKey(owner), revoked_at: '2026-01-01' },
      'insert replaced_at': { ...newKey(owner), replaced_at: '2026-01-01' },
      'insert created_at': { ...newKey(owner), created_at: '2026-01-01' },
      'insert updated_at': { ...newKey(owner), updated_at: '2026-01-01' },
      update: { revoked_at: '2026-01-01' },
      'update replaced_at': { replaced_at: '2026-01-01' },
      'update key_hash': { key_hash: '0'.repeat(64) },
      'update key_prefix': { key_prefix: 'cdb_zzzz' },
      'update last_used_at': { last_used_at: '2026-01-01' },
      'update id': { id: other },
      'update user_id': { user_id: owner },
      'update created_at': { created_at: '2026-01-01' },
      'update updated_at': { updated_at: '2026-01-01' },
    },
    search_history: {
      rows: OF_USER,
      insert: { user_id: owner, query: 'X' },
      'insert own': (who) => ({ user_id: who === 'newcomer' ? stranger : idOf(who), query: 'X' }),
      'insert searched_at': { user_id: owner, query: 'X', searched_at: '2026-01-01' },
      update: { query: 'X' },
    },
    sign_in_passwords: {
      rows: { owner: { user_id: owner } },
      insert: { user_id: editor, email: 'editor@example.org', password_hash: '$argon2id$' },
      update: { email: 'another@example.org' },
    },
    sign_in_sessions: {
      rows: { owner: { user_id: owner } },
      insert: { user_id: owner, token_hash: 'b'.repeat(64), expires_at: '2099-01-01' },
      update: { expires_at: '2099-01-01' },
    },
  },
  expected: `
                       |                     | anonymous    | owner               | editor              | viewer              | stranger     | newcomer     | program             | service                      | table owner
    destinations       | select              | lisbon porto | lisbon porto        | lisbon porto        | lisbon porto        | lisbon porto | lisbon porto | lisbon porto        | lisbon porto                 | lisbon porto
                       | insert              | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | 1                            | 1
                       | update              | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | lisbon porto                 | lisbon porto
                       | delete              | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | lisbon porto                 | lisbon porto
    profiles           | select              | no grant     | owner editor viewer | owner editor viewer | owner editor viewer | stranger     | 0            | owner editor viewer | owner editor viewer stranger | owner editor viewer stranger
                       | insert              | no grant     | row refused         | row refused         | row refused         | row refused  | 1            | row refused         | 1                            | 1
                       | update              | no grant     | owner               | editor              | viewer              | stranger     | 0            | owner               | owner editor viewer stranger | owner editor viewer stranger
                       | update id           | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | constraint                   | constraint
                       | update created_at   | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner editor viewer stranger | owner editor viewer stranger
                       | update updated_at   | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner editor viewer stranger | owner editor viewer stranger
                       | delete              | no grant     | owner               | editor              | viewer              | stranger     | 0            | owner               | owner editor viewer stranger | owner editor viewer stranger
    trips              | select              | open         | secret open         | secret open         | secret open         | open other   | open         | secret open         | secret open other            | secret open other
                       | insert              | no grant     | 1                   | row refused         | row refused         | row refused  | row refused  | 1                   | 1                            | 1
                       | insert own          | no grant     | 1                   | 1                   | 1                   | 1            | row refused  | 1                   | 1                            | 1
                       | update              | no grant     | secret open         | secret              | 0                   | other        | 0            | secret open         | secret open other            | secret open other
                       | update visibility   | no grant     | secret open         | row refused         | 0                   | other        | 0            | secret open         | secret open other            | secret open other
                       | update owner_id     | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | secret open other            | secret open other
                       | update id           | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | constraint                   | constraint
                       | update created_at   | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | secret open other            | secret open other
                       | update updated_at   | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | secret open other            | secret open other
                       | delete              | no grant     | secret open         | 0                   | 0                   | other        | 0            | secret open         | secret open other            | secret open other
    trip_summaries     | select              | no grant     | secret open         | secret open         | secret open         | open other   | open         | secret open         | secret open other            | secret open other
    trip_collaborators | select              | no grant     | editing viewing     | editing viewing     | editing viewing     | 0            | 0            | editing viewing     | editing viewing              | editing viewing
                       | insert              | no grant     | 1                   | row refused         | row refused         | row refused  | row refused  | 1                   | 1                            | 1
                       | insert editor       | no grant     | 1                   | row refused         | row refused         | row refused  | row refused  | 1                   | 1                            | 1
                       | insert self         | no grant     | row refused         | row refused         | row refused         | row refused  | row refused  | row refused         | 1                            | 1
                       | update              | no grant     | editing viewing     | 0                   | 0                   | 0            | 0            | editing viewing     | editing viewing              | editing viewing
                       | update created_at   | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | editing viewing              | editing viewing
                       | update updated_at   | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | editing viewing              | editing viewing
                       | update trip_id      | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | editing viewing              | editing viewing
                       | update user_id      | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | constraint                   | constraint
                       | delete              | no grant     | editing viewing     | editing             | viewing             | 0            | 0            | editing viewing     | editing viewing              | editing viewing
    api_keys           | select              | no grant     | owner               | editor              | viewer              | stranger     | 0            | owner               | owner editor viewer stranger | owner editor viewer stranger
                       | insert              | no grant     | 1                   | row refused         | row refused         | row refused  | row refused  | row refused         | 1                            | 1
                       | insert own          | no grant     | 1                   | 1                   | 1                   | 1            | row refused  | row refused         | 1                            | 1
                       | insert id           | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | 1                            | 1
                       | insert last_used_at | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | 1                            | 1
                       | insert revoked_at   | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | 1                            | 1
                       | insert replaced_at  | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | 1                            | 1
                       | insert created_at   | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | 1                            | 1
                       | insert updated_at   | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | 1                            | 1
                       | update              | no grant     | owner               | editor              | viewer              | stranger     | 0            | 0                   | owner editor viewer stranger | owner editor viewer stranger
                       | update replaced_at  | no grant     | owner               | editor              | viewer              | stranger     | 0            | 0                   | owner editor viewer stranger | owner editor viewer stranger
                       | update key_hash     | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | constraint                   | constraint
                       | update key_prefix   | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner editor viewer stranger | owner editor viewer stranger
                       | update last_used_at | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner editor viewer stranger | owner editor viewer stranger
                       | update id           | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | constraint                   | constraint
                       | update user_id      | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | constraint                   | constraint
                       | update created_at   | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner editor viewer stranger | owner editor viewer stranger
                       | update updated_at   | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner editor viewer stranger | owner editor viewer stranger
                       | delete              | no grant     | owner               | editor              | viewer              | stranger     | 0            | 0                   | owner editor viewer stranger | owner editor viewer stranger
    search_history     | select              | no grant     | owner               | editor              | viewer              | stranger     | 0            | owner               | owner editor viewer stranger | owner editor viewer stranger
                       | insert              | no grant     | 1                   | row refused         | row refused         | row refused  | row refused  | 1                   | 1                            | 1
                       | insert own          | no grant     | 1                   | 1                   | 1                   | 1            | row refused  | 1                   | 1                            | 1
                       | insert searched_at  | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | 1                            | 1
                       | update              | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner editor viewer stranger | owner editor viewer stranger
                       | delete              | no grant     | owner               | editor              | viewer              | stranger     | 0            | owner               | owner editor viewer stranger | owner editor viewer stranger
    sign_in_passwords  | select              | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner                        | owner
                       | insert              | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | 1                            | 1
                       | update              | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner                        | owner
                       | delete              | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner                        | owner
    sign_in_sessions   | select              | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner                        | owner
                       | insert              | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | 1                            | 1
                       | update              | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner                        | owner
                       | delete              | no grant     | no grant            | no grant            | no grant            | no grant     | no grant     | no grant            | owner                        | owner
  `,
});
