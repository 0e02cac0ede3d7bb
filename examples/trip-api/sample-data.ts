import { readdir, readFile } from 'node:fs/promises';
import {
  type ConsolidatedDatabaseService,
  createTrips,
  createUsers,
  type LocalAuth,
  service,
  user,
} from '../../src/index.ts';
import { embedPlace } from '../demo/embedding.ts';
import { loadPlaces } from '../demo/places.ts';
import type { Database } from './database.types.ts';

const MIGRATIONS = new URL('../../supabase/migrations/', import.meta.url);
const PLACES = 1_500;
const PEOPLE = [
  { username: 'ana', display_name: 'Ana', trip: 'Long weekend in Lisbon' },
  { username: 'ben', display_name: 'Ben', trip: 'Safari' },
] as const;

/** The SQL of the tables. */
export async function migrations(): Promise<string> {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, MIGRATIONS), 'utf8')));
  return texts.join('\n');
}

/** Real places, and two users who sign in with this password. Returns their emails. */
export async function seed(
  db: ConsolidatedDatabaseService<Database>,
  auth: LocalAuth,
  password: string,
): Promise<string[]> {
  await db.as(service()).insert(
    'destinations',
    loadPlaces(PLACES).map((place) => ({
      geoname_id: place.geonameId,
      name: place.name,
      country_code: place.countryCode,
      admin_code: place.adminCode,
      feature_code: place.featureCode,
      population: place.population,
      latitude: place.latitude,
      longitude: place.longitude,
      embedding: [...embedPlace(place)],
    })),
    { returning: false, timeoutMs: 120_000 },
  );
  const emails: string[] = [];
  for (const { trip, ...person } of PEOPLE) {
    const email = `${person.username}@example.com`;
    const { userId } = await auth.register({ email, password });
    const own = db.as(user({ sub: userId }));
    await createUsers(own).create({ id: userId, email, ...person });
    await createTrips(own).create({ title: trip });
    emails.push(email);
  }
  return emails;
}
