import { readdir, readFile } from 'node:fs/promises';
import { SignJWT } from 'jose';
import { type ConsolidatedDatabaseService, createTrips, service, user } from '../../src/index.ts';
import { embedPlace } from '../demo/embedding.ts';
import { loadPlaces } from '../demo/places.ts';
import type { Database } from './database.types.ts';

const MIGRATIONS = new URL('../../supabase/migrations/', import.meta.url);
const PLACES = 1_500;
const PEOPLE = {
  ana: { id: '00000000-0000-4000-8000-00000000000a', email: 'ana@example.com', display_name: 'Ana' },
  ben: { id: '00000000-0000-4000-8000-00000000000b', email: 'ben@example.com', display_name: 'Ben' },
} as const;

type Name = keyof typeof PEOPLE;

/** The SQL of the tables, and the accounts that an authentication server would have made. */
export async function migrations(): Promise<string> {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, MIGRATIONS), 'utf8')));
  const accounts = Object.values(PEOPLE).map(({ id, email }) => `('${id}', '${email}')`);
  return [...texts, `insert into auth.users (id, email) values ${accounts.join()};`].join('\n');
}

/** Real places, two users, and a first trip of each. */
export async function seed(db: ConsolidatedDatabaseService<Database>): Promise<void> {
  const asService = db.as(service());
  await asService.insert(
    'profiles',
    Object.entries(PEOPLE).map(([username, person]) => ({ username, ...person })),
  );
  await asService.insert(
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
    { returning: false },
  );
  const trips = (name: Name) => createTrips(db.as(user({ sub: PEOPLE[name].id })));
  await trips('ana').create({
    title: 'Long weekend in Lisbon',
    starts_on: '2027-05-01',
    tags: ['city', 'sea'],
  });
  await trips('ben').create({ title: 'Safari', tags: ['nature'] });
}

export function tokenOf(name: Name, secret: string): Promise<string> {
  return new SignJWT({ sub: PEOPLE[name].id, role: 'authenticated' })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('authenticated')
    .setExpirationTime('12h')
    .sign(new TextEncoder().encode(secret));
}
