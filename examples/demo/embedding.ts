import type { Place } from './places.ts';

/** Length of every vector that `embedPlace` makes, and of the column that holds them. */
export const EMBEDDING_DIMENSIONS = 16;

/** The attributes of a place that its embedding uses. */
export type PlaceAttributes = Pick<
  Place,
  'countryCode' | 'adminCode' | 'featureCode' | 'population' | 'latitude' | 'longitude'
>;

/**
 * The embedding of a place: a vector of 16 numbers with length 1, made only from its real attributes, so that
 * every run and every machine finds the same neighbours.
 *
 * **Replace this function.** The service stores and compares vectors and does not care who made them: call your
 * model here, and replace the 16 with its number of dimensions.
 *
 * | dimensions | meaning | weight |
 * |---|---|---|
 * | 0–2 | where on the globe, as a point of the unit sphere | 1 |
 * | 3–4 | how many people live there, on a logarithmic scale | 0.5 |
 * | 5–6 | its rank: capital, seat of a region, any place | 0.3 |
 * | 7–8 | how far from the equator, north or south | 0.4 |
 * | 9–14 | the country | 0.2 |
 * | 15 | the region within the country | 0.1 |
 *
 * A quantity (population, rank, distance from the equator) is an angle between 0° and 90°: two places differ
 * as much as their quantities do, and none counts more because its number is larger.
 */
export function embedPlace(place: PlaceAttributes): readonly number[] {
  const latitude = radians(place.latitude);
  const longitude = radians(place.longitude);
  return normalised([
    Math.cos(latitude) * Math.cos(longitude),
    Math.cos(latitude) * Math.sin(longitude),
    Math.sin(latitude),
    ...quantity(Math.log10(Math.max(place.population, 1)) / LOG_OF_LARGEST_CITY, 0.5),
    ...quantity(rankOf(place.featureCode), 0.3),
    ...quantity(Math.abs(place.latitude) / 90, 0.4),
    ...category(place.countryCode, 6, 0.2),
    0.1 * spread(`${place.countryCode}.${place.adminCode}`),
  ]);
}

/** No city has more than 10^7.5 people, about 32 million. */
const LOG_OF_LARGEST_CITY = 7.5;

function rankOf(featureCode: string): number {
  switch (featureCode) {
    case 'PPLC':
      return 1;
    case 'PPLA':
      return 0.7;
    case 'PPLA2':
      return 0.4;
    case 'PPLA3':
    case 'PPLA4':
      return 0.2;
    default:
      return 0;
  }
}

/** A share between 0 and 1 as an angle between 0° and 90°. */
function quantity(share: number, weight: number): readonly number[] {
  const angle = (Math.min(Math.max(share, 0), 1) * Math.PI) / 2;
  return [weight * Math.cos(angle), weight * Math.sin(angle)];
}

/** Names have no order: each gets its own signs, from its hash, and a length of `weight`. */
function category(name: string, dimensions: number, weight: number): readonly number[] {
  const hash = hashOf(name);
  const part = weight / Math.sqrt(dimensions);
  return Array.from({ length: dimensions }, (_, i) => ((hash >>> i) & 1 ? part : -part));
}

/** A name as a number between -1 and 1, from its hash. */
function spread(name: string): number {
  return (hashOf(name) / 0xffffffff) * 2 - 1;
}

/** FNV-1a, 32 bits, with murmur3's finish so that the low bits depend on every character. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function normalised(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return vector.map((part) => part / length);
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
