import { op } from '../../../src/index.ts';
import { embedPlace } from '../embedding.ts';
import { placeNamed } from '../place-named.ts';
import { expectEqual, expectThat, type Step, type World } from '../step.ts';

/** What everyone may read: the places. */
export const readingSteps: readonly Step[] = [
  {
    title: 'Read the five largest cities',
    as: 'anonymous',
    async run({ anonymous }) {
      const cities = await anonymous.select('destinations', {
        columns: ['name', 'country_code', 'population'],
        orderBy: { column: 'population', direction: 'desc' },
        limit: 5,
      });
      expectEqual('Cities', cities.length, 5);
      return { rows: cities.length, note: names(cities) };
    },
  },
  {
    title: 'Count all places',
    as: 'anonymous',
    async run({ anonymous, places }) {
      const total = await anonymous.count('destinations');
      expectThat(
        total >= places.length,
        `There should be at least ${places.length} places. There are ${total}.`,
      );
      return { note: `${total.toLocaleString('en')} places` };
    },
  },
  {
    title: 'Filter by country and size, in order',
    as: 'ana',
    async run({ ana }) {
      const cities = await ana.select('destinations', {
        columns: ['name', 'country_code', 'population'],
        filters: { country_code: op.in(['PT', 'ES']), population: op.gte(500_000) },
        orderBy: ['country_code', { column: 'population', direction: 'desc' }],
      });
      expectThat(cities.length > 1, 'Portugal and Spain should have several large cities.');
      expectThat(
        cities.every((city) => ['PT', 'ES'].includes(city.country_code) && city.population >= 500_000),
        'Only large cities of Portugal and Spain should be returned.',
      );
      return { rows: cities.length, note: names(cities) };
    },
  },
  {
    title: 'Read a page and its total at once',
    as: 'ana',
    async run({ ana }) {
      const page = await ana.select('destinations', { ...JAPAN, count: 'exact' });
      expectEqual('Rows of the page', page.rows.length, PAGE_SIZE);
      expectThat(page.count > PAGE_SIZE, 'The total should be more than the page.');
      return { rows: page.rows.length, note: `${names(page.rows)} of ${page.count} in Japan` };
    },
  },
  {
    title: 'Read the next page by its key',
    as: 'ana',
    async run({ ana }) {
      const first = await ana.select('destinations', JAPAN);
      const last = first.at(-1);
      expectThat(last !== undefined, 'The first page should have a row.');
      const second = await ana.select('destinations', {
        ...JAPAN,
        after: { population: last.population, id: last.id },
      });
      expectEqual('Rows of the second page', second.length, PAGE_SIZE);
      const seen = new Set(first.map((city) => city.id));
      expectThat(
        second.every((city) => !seen.has(city.id) && city.population <= last.population),
        'The second page should start where the first one ends.',
      );
      return { rows: first.length + second.length, note: names(second) };
    },
  },
  {
    title: 'Vector search: places like Lisbon',
    as: 'anonymous',
    async run(world) {
      const found = await world.anonymous.vectorSearch('destinations', {
        vector: embeddingOf(world, 'Lisbon'),
        columns: ['name', 'country_code'],
        limit: 6,
      });
      expectEqual('Neighbours', found.length, 6);
      expectEqual('The place most similar to Lisbon', found[0]?.name, 'Lisbon');
      return { rows: found.length, note: alike(found) };
    },
  },
  {
    title: 'The same, large and south of 36° N',
    as: 'ana',
    async run(world) {
      const found = await world.ana.vectorSearch('destinations', {
        vector: embeddingOf(world, 'Lisbon'),
        filters: { latitude: op.lt(36), population: op.gte(1_000_000) },
        columns: ['name', 'country_code', 'population'],
        limit: 6,
      });
      expectEqual('Neighbours', found.length, 6);
      expectThat(
        found.every((city) => city.population >= 1_000_000),
        'Every neighbour should match the filter.',
      );
      return { rows: found.length, note: alike(found) };
    },
  },
  {
    title: 'rpc, stable: 500 km around Lisbon',
    as: 'anonymous',
    async run({ anonymous, places }) {
      const lisbon = placeNamed(places, 'Lisbon');
      const near = await anonymous.rpc('nearby_destinations', {
        lat: lisbon.latitude,
        lon: lisbon.longitude,
        radius_km: 500,
      });
      expectEqual('The nearest place', near[0]?.name, 'Lisbon');
      return {
        rows: near.length,
        note: near.map((place) => `${place.name} ${place.distance_km.toFixed(0)} km`).join(', '),
      };
    },
  },
  {
    title: 'rpc, an overload, by argument names',
    as: 'anonymous',
    async run({ anonymous }) {
      const found = await anonymous.rpc('find_destinations', { country: 'IT', min_population: 800_000 });
      expectThat(found.length > 0, 'Italy should have large cities.');
      return { rows: found.length, note: names(found) };
    },
  },
  {
    title: 'Stream every place, in batches of 500',
    as: 'ana',
    pinned: true,
    async run({ ana, places }) {
      const ids = new Set<number>();
      const rows = ana.stream('destinations', { columns: ['id'], orderBy: 'id', batchSize: 500 });
      for await (const row of rows) ids.add(row.id);
      expectThat(
        ids.size >= places.length,
        `The stream should return ${places.length} places. It returned ${ids.size}.`,
      );
      return { rows: ids.size };
    },
  },
];

const PAGE_SIZE = 4;
const JAPAN = {
  columns: ['id', 'name', 'country_code', 'population'],
  filters: { country_code: 'JP' },
  orderBy: [
    { column: 'population', direction: 'desc' },
    { column: 'id', direction: 'asc' },
  ],
  limit: PAGE_SIZE,
} as const;

function embeddingOf(world: World, name: string): readonly number[] {
  return embedPlace(placeNamed(world.places, name));
}

function names(places: readonly { readonly name: string; readonly country_code: string }[]): string {
  return places.map((place) => `${place.name} ${place.country_code}`).join(', ');
}

function alike(found: readonly { name: string; country_code: string; similarity: number }[]): string {
  return found
    .map((place) => `${place.name} ${place.country_code} ${place.similarity.toFixed(3)}`)
    .join(', ');
}
