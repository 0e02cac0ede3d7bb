import { randomBytes, randomUUID } from 'node:crypto';
import { anonymous, localAuth, type Registration, service, user } from '../../src/index.ts';
import type { ServerTarget } from './arguments.ts';
import {
  type DemoDatabase,
  type DemoServiceOptions,
  openEmbeddedDatabase,
  openServerDatabase,
} from './demo-database.ts';
import { embedPlace } from './embedding.ts';
import { loadPlaces, type Place } from './places.ts';
import { ExpectationError, TRIP_NAMES, type TripName, type World } from './step.ts';
import { Story } from './story.ts';
import { issueTokens, makeSecret } from './tokens.ts';

/** The smallest of them has about 280,000 inhabitants. */
export const PLACE_COUNT = 1500;

/** Tables that the steps use. */
const TABLES = [
  'profiles',
  'destinations',
  'trips',
  'trip_collaborators',
  'search_history',
  'api_keys',
  'sign_in_passwords',
  'sign_in_sessions',
] as const;

export interface StageOptions extends Omit<DemoServiceOptions, 'jwtSecret'> {
  /** Undefined for the embedded database. */
  readonly server: ServerTarget | undefined;
  /** Seconds since the epoch. */
  readonly nowS: number;
}

/** The database that the demo uses, and everything that it added there. */
export class Stage {
  readonly #options: StageOptions;
  readonly #jwtSecret = makeSecret();
  readonly #usernames = usernames();
  readonly #credentials = {
    ana: credentialsOf(this.#usernames.ana),
    ben: credentialsOf(this.#usernames.ben),
  };
  #places: readonly Place[] = [];
  #database: DemoDatabase | undefined;
  #started: Pick<World, 'db' | 'auth' | 'userIds'> | undefined;
  /** What to remove: recorded before it is written, so that a lost answer leaves nothing behind. */
  #toRemove: { readonly places: readonly number[] } | undefined;
  #addedRows = 0;

  constructor(options: StageOptions) {
    this.#options = options;
  }

  readPlaces(): number {
    this.#places = loadPlaces(PLACE_COUNT);
    return this.#places.length;
  }

  async openDatabase(): Promise<void> {
    const { server } = this.#options;
    this.#database = server === undefined ? await openEmbeddedDatabase() : await openServerDatabase(server);
  }

  /** Such as `PostgreSQL 17.5, pgvector 0.8.0`. */
  async versions(): Promise<string> {
    const [found] = await this.#open.admin.query<{ postgres: string; vector: string | null }>(
      `select current_setting('server_version') as postgres,
        (select default_version from pg_catalog.pg_available_extensions where name = 'vector') as vector`,
    );
    const postgres = found?.postgres.split(' ')[0] ?? 'of an unknown version';
    return `PostgreSQL ${postgres}, pgvector ${found?.vector ?? 'not installed'}`;
  }

  migrate(): Promise<number> {
    return this.#open.migrate();
  }

  /** @throws ExpectationError that names the missing tables and how to create them */
  async requireTables(): Promise<number> {
    const missing = await this.#open.admin.query<{ name: string }>(
      `select name from unnest($1::text[]) as name where to_regclass('public.' || quote_ident(name)) is null`,
      [[...TABLES]],
    );
    if (missing.length > 0) {
      throw new ExpectationError(
        `${this.#open.admin.where} has no ${missing.map(({ name }) => `public.${name}`).join(', ')}. Add --migrate, or run 'cdb migrate up' first.`,
      );
    }
    return TABLES.length;
  }

  /** Makes two accounts with passwords. Where there is a project of Supabase, its Auth does that. */
  async signUp(): Promise<number> {
    const { onCall, onWarning } = this.#options;
    const db = this.#open.openService({ jwtSecret: this.#jwtSecret, onCall, onWarning });
    const auth = localAuth({ db: db.as(service()), jwt: { secret: this.#jwtSecret } });
    this.#toRemove = { places: await this.#missingPlaces() };
    const register = async (credentials: Registration): Promise<string> => {
      const { userId } = await auth.register(credentials);
      this.#addedRows += 1;
      return userId;
    };
    const { ana, ben } = this.#credentials;
    this.#started = { db, auth, userIds: { ana: await register(ana), ben: await register(ben) } };
    return 2;
  }

  /** Places that already exist stay as they are. */
  async insertPlaces(): Promise<number> {
    const { db } = this.#world;
    const rows = this.#places.map((place) => ({
      geoname_id: place.geonameId,
      name: place.name,
      country_code: place.countryCode,
      admin_code: place.adminCode,
      feature_code: place.featureCode,
      population: place.population,
      latitude: place.latitude,
      longitude: place.longitude,
      embedding: embedPlace(place),
    }));
    const added = await db.as(service()).upsert('destinations', rows, {
      onConflict: ['geoname_id'],
      ignoreDuplicates: true,
      returning: ['id'],
    });
    this.#addedRows += added.length;
    return added.length;
  }

  /** What the steps work with, once the set-up is done. */
  async world(): Promise<World> {
    const { db, auth, userIds } = this.#world;
    return {
      db,
      auth,
      userIds,
      anonymous: db.as(anonymous()),
      ana: db.as(user({ sub: userIds.ana })),
      ben: db.as(user({ sub: userIds.ben })),
      service: db.as(service()),
      usernames: this.#usernames,
      tripIds: tripIds(),
      tokens: await issueTokens(this.#jwtSecret, userIds.ana, this.#options.nowS),
      places: this.#places,
      credentials: this.#credentials,
      admin: this.#open.admin,
      story: new Story(),
      accountRemoved: () => {
        this.#addedRows -= 1;
      },
    };
  }

  /** There may be something to remove. */
  get hasAdded(): boolean {
    return this.#toRemove !== undefined;
  }

  /**
   * Profiles, trips, searches, API keys and sessions are deleted with their accounts.
   *
   * @throws ExpectationError when fewer rows could be removed than were added
   */
  async removeAdded(): Promise<number> {
    const { admin } = this.#open;
    const accounts = await admin.query('delete from auth.users where email = any($1::text[]) returning id', [
      Object.values(this.#credentials).map(({ email }) => email),
    ]);
    const places = await admin.query(
      'delete from public.destinations where geoname_id = any($1::integer[]) returning id',
      [this.#toRemove?.places ?? []],
    );
    const removed = accounts.length + places.length;
    if (removed < this.#addedRows) {
      throw new ExpectationError(
        `Only ${removed} of ${this.#addedRows} rows could be removed from auth.users and public.destinations of ${admin.where}.`,
      );
    }
    return removed;
  }

  async close(): Promise<void> {
    await this.#database?.close();
  }

  /** GeoNames ids of the places that the database does not have yet. */
  async #missingPlaces(): Promise<readonly number[]> {
    const missing = await this.#open.admin.query<{ wanted: number }>(
      `select listed.wanted from unnest($1::integer[]) as listed (wanted)
        where not exists (select from public.destinations d where d.geoname_id = listed.wanted)`,
      [this.#places.map((place) => place.geonameId)],
    );
    return missing.map(({ wanted }) => wanted);
  }

  get #world(): Pick<World, 'db' | 'auth' | 'userIds'> {
    if (this.#started === undefined) throw new Error('Nobody has signed up.');
    return this.#started;
  }

  get #open(): DemoDatabase {
    if (this.#database === undefined) throw new Error('The database is not open.');
    return this.#database;
  }
}

/** A password of this run alone. */
function credentialsOf(username: string): { readonly email: string; readonly password: string } {
  return { email: `${username}@example.com`, password: makeSecret() };
}

/** Usernames are unique in the database, so each run uses new ones. */
function usernames(): { readonly ana: string; readonly ben: string } {
  const run = randomBytes(4).toString('hex');
  return { ana: `demo_ana_${run}`, ben: `demo_ben_${run}` };
}

function tripIds(): World['tripIds'] {
  return Object.fromEntries(TRIP_NAMES.map((name) => [name, randomUUID()])) as Record<TripName, string>;
}
