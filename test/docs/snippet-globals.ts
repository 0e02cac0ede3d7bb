import { createClient } from '@supabase/supabase-js';
import { SignJWT } from 'jose';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  createLegacyDatabase,
  type DatabaseHandle,
  type DatabaseServiceOptions,
  type LegacyDatabaseService,
  user,
} from '../../src/index.ts';
import type { ApiDatabase } from '../support/data-api/api-database.ts';
import { FakeDataApi } from '../support/data-api/fake-data-api.ts';
import type { Database } from '../support/database.generated.ts';

/** What the pages say that every snippet of the guide may use. */
export interface SnippetGlobals {
  readonly db: ConsolidatedDatabaseService<Database>;
  readonly ana: DatabaseHandle<Database>;
  readonly ben: DatabaseHandle<Database>;
  readonly anaId: string;
  readonly benId: string;
  readonly tripId: string;
  readonly lisbonId: number;
  /** Of as many dimensions as the column of destinations. */
  readonly embedding: readonly number[];
  /** A token of ana's. */
  readonly token: string;
  /** The same rows over a fake Data API, by supabase-js. */
  readonly legacy: LegacyDatabaseService<Database['public']>;
}

export const GLOBAL_NAMES = [
  'db',
  'ana',
  'ben',
  'anaId',
  'benId',
  'tripId',
  'lisbonId',
  'embedding',
  'token',
  'legacy',
] as const satisfies readonly (keyof SnippetGlobals)[];

const ANA = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';
const TRIP = '00000000-0000-4000-8000-0000000000a1';
const LISBON = 1;
export const JWT_SECRET = 'a secret of the snippets, thirty-two bytes or more';

/** Near the axis `towards`; the same numbers every time. */
function vector(towards: number): number[] {
  return Array.from({ length: 16 }, (_, i) => (i === towards ? 1 : 0.1));
}

const PLACES = [
  ['Lisbon', 'PT', 517_802, 38.72, -9.13],
  ['Porto', 'PT', 249_633, 41.15, -8.61],
  ['Faro', 'PT', 41_934, 37.02, -7.93],
  ['Oslo', 'NO', 580_000, 59.91, 10.75],
  ['Bergen', 'NO', 213_585, 60.39, 5.32],
  ['Nairobi', 'KE', 2_750_547, -1.28, 36.82],
] as const;

/** Makes the rows that the pages speak of, the same for every snippet. Runs as the owner. */
export const SEED = `
  truncate public.profiles, public.destinations, public.search_history restart identity cascade;
  delete from auth.users;
  insert into auth.users (id, email) values ('${ANA}', 'ana@example.com'), ('${BEN}', 'ben@example.com');
  insert into public.profiles (id, username, email, display_name) values
    ('${ANA}', 'ana', 'ana@example.com', 'Ana'), ('${BEN}', 'ben', 'ben@example.com', 'Ben');
  insert into public.destinations (name, country_code, population, latitude, longitude, embedding) values
    ${PLACES.map(([name, country, population, lat, lon], i) => `('${name}', '${country}', ${population}, ${lat}, ${lon}, '${JSON.stringify(vector(i))}')`).join()};
  insert into public.trips (id, owner_id, destination_id, title, status, starts_on, budget, currency, tags, metadata) values
    ('${TRIP}', '${ANA}', ${LISBON}, 'Long weekend in Lisbon', 'booked', '2027-05-01', 900, 'EUR', '{city,sea}', '{"from": "Berlin", "guests": 2}'),
    (gen_random_uuid(), '${ANA}', 4, 'Fjords', 'planning', '2027-07-01', 2400, 'NOK', '{nature}', '{"from": "Hamburg", "guests": 4}'),
    (gen_random_uuid(), '${BEN}', 6, 'Safari', 'planning', null, null, null, '{}', '{}');
  insert into public.search_history (user_id, query, result_count, searched_at)
    select '${ANA}', 'search ' || n, n, timestamptz '2027-01-01' + n * interval '1 minute' from generate_series(1, 45) n;
`;

/** What the snippets use, and who closes it. */
export interface SnippetServices extends AsyncDisposable {
  /** What the pages take from the environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Opens the service of the snippets, and a fake Data API over the same database, and makes what they use global. Closing it is
 * the caller's.
 */
export async function installGlobals(
  options: DatabaseServiceOptions,
  database: ApiDatabase,
): Promise<SnippetServices> {
  const api = await FakeDataApi.start({ database, secret: JWT_SECRET });
  const db = createDatabaseService<Database>({ ...options, jwt: { secret: JWT_SECRET } });
  const globals: SnippetGlobals = {
    db,
    ana: db.as(user({ sub: ANA })),
    ben: db.as(user({ sub: BEN })),
    anaId: ANA,
    benId: BEN,
    tripId: TRIP,
    lisbonId: LISBON,
    embedding: vector(0),
    token: await new SignJWT({ sub: ANA, role: 'authenticated' })
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience('authenticated')
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(JWT_SECRET)),
    legacy: createLegacyDatabase<Database>({
      createClient,
      url: api.url,
      key: api.anonKey,
      serviceKey: api.serviceKey,
    }),
  };
  Object.assign(globalThis, globals);
  return {
    environment: {
      SUPABASE_URL: api.url,
      SUPABASE_PUBLISHABLE_KEY: api.anonKey,
      SUPABASE_SECRET_KEY: api.serviceKey,
    },
    async [Symbol.asyncDispose]() {
      await db.close();
      await api[Symbol.asyncDispose]();
    },
  };
}
