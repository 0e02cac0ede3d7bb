import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMBEDDING_DIMENSIONS, embedPlace, type PlaceAttributes } from '../../examples/demo/embedding.ts';

const LISBON: PlaceAttributes = {
  countryCode: 'PT',
  adminCode: '14',
  featureCode: 'PPLC',
  population: 517_802,
  latitude: 38.71667,
  longitude: -9.13333,
};
const SEVILLE: PlaceAttributes = {
  countryCode: 'ES',
  adminCode: '51',
  featureCode: 'PPLA',
  population: 703_206,
  latitude: 37.38241,
  longitude: -5.97613,
};
const SYDNEY: PlaceAttributes = {
  countryCode: 'AU',
  adminCode: '02',
  featureCode: 'PPLA',
  population: 4_627_345,
  latitude: -33.86785,
  longitude: 151.20732,
};

const anyPlace = fc.record({
  countryCode: fc.stringMatching(/^[A-Z]{2}$/),
  adminCode: fc.string({ maxLength: 20 }),
  featureCode: fc.constantFrom('PPLC', 'PPLA', 'PPLA2', 'PPLA3', 'PPL', 'PPLX', ''),
  population: fc.nat(40_000_000),
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});

function similarity(a: PlaceAttributes, b: PlaceAttributes): number {
  const other = embedPlace(b);
  return embedPlace(a).reduce((sum, part, i) => sum + part * (other[i] ?? Number.NaN), 0);
}

test('every place has 16 finite numbers of length 1 altogether, at the poles and without people too', () => {
  fc.assert(
    fc.property(anyPlace, (place) => {
      const vector = embedPlace(place);
      expect(vector).toHaveLength(EMBEDDING_DIMENSIONS);
      expect(vector.every(Number.isFinite)).toBe(true);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 12);
    }),
  );
});

test('the same attributes give the same numbers', () => {
  expect(embedPlace({ ...LISBON })).toEqual(embedPlace(LISBON));
});

test('a neighbour is more alike than a place on the other side of the globe', () => {
  expect(similarity(LISBON, SEVILLE)).toBeGreaterThan(0.9);
  expect(similarity(LISBON, SYDNEY)).toBeLessThan(0.2);
});

describe('each attribute counts, all else being equal', () => {
  test.each<[string, Partial<PlaceAttributes>]>([
    ['country', { countryCode: 'ES' }],
    ['region', { adminCode: '17' }],
    ['rank', { featureCode: 'PPL' }],
    ['population', { population: 5_000 }],
    ['latitude', { latitude: 20 }],
    ['longitude', { longitude: 60 }],
  ])('%s', (_name, change) => {
    expect(similarity(LISBON, { ...LISBON, ...change })).toBeLessThan(1 - 1e-5);
  });
});
