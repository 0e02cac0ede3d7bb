import { op } from '../../../src/index.ts';
import { expectEqual, expectThat, type Step } from '../step.ts';

/** What a user may do with her own rows. */
export const writingSteps: readonly Step[] = [
  {
    title: 'Create her profile by upsert',
    as: 'ana',
    async run({ ana, userIds, usernames }) {
      const profile = await ana.upsert('profiles', {
        id: userIds.ana,
        username: usernames.ana,
        email: `${usernames.ana}@example.com`,
        display_name: 'Ana',
      });
      expectEqual('Name', profile.display_name, 'Ana');
      return { rows: 1 };
    },
  },
  {
    title: 'Upsert it again: it is overwritten',
    as: 'ana',
    async run({ ana, userIds, usernames }) {
      const profile = await ana.upsert(
        'profiles',
        {
          id: userIds.ana,
          username: usernames.ana,
          email: `${usernames.ana}@example.com`,
          display_name: 'Ana Almeida',
          home_country: 'PT',
        },
        { onConflict: ['id'], returning: ['display_name'] },
      );
      expectEqual('Name', profile.display_name, 'Ana Almeida');
      return { rows: 1 };
    },
  },
  {
    title: 'Insert three trips in one statement',
    as: 'ana',
    async run({ ana, tripIds }) {
      const trips = await ana.insert('trips', [
        {
          id: tripIds.lisbon,
          title: 'Long weekend in Lisbon',
          budget: 640.5,
          currency: 'EUR',
          starts_on: '2027-04-30',
        },
        {
          id: tripIds.tokyo,
          title: 'Tokyo by train',
          budget: 3200,
          currency: 'EUR',
          starts_on: '2027-10-02',
        },
        { id: tripIds.nairobi, title: 'Nairobi', budget: 2100, currency: 'EUR', starts_on: '2028-01-15' },
      ]);
      expectEqual(
        'Order of the rows',
        trips.map((trip) => trip.id).join(),
        [tripIds.lisbon, tripIds.tokyo, tripIds.nairobi].join(),
      );
      expectThat(
        trips.every((trip) => trip.status === 'planning'),
        'Columns left out should take their defaults.',
      );
      return { rows: trips.length };
    },
  },
  {
    title: 'Read her trips above 1,000',
    as: 'ana',
    async run({ ana }) {
      const trips = await ana.select('trips', {
        columns: ['title', 'budget'],
        filters: { budget: op.gt(1000) },
        orderBy: 'starts_on',
      });
      return { rows: trips.length, note: trips.map((trip) => `${trip.title}: ${trip.budget}`).join(', ') };
    },
  },
  {
    title: 'Read one trip by its id',
    as: 'ana',
    async run({ ana, tripIds }) {
      const trip = await ana.selectOne('trips', { filters: { id: tripIds.lisbon } });
      expectEqual('Budget', trip.budget, 640.5);
      expectEqual('First day', trip.starts_on, '2027-04-30');
      return { rows: 1 };
    },
  },
  {
    title: 'Count her own trips',
    as: 'ana',
    async run({ ana, userIds }) {
      const total = await ana.count('trips', { filters: { owner_id: userIds.ana } });
      expectEqual('Trips', total, 3);
      return { note: `${total} trips` };
    },
  },
  {
    title: 'Book one trip and make it public',
    as: 'ana',
    async run({ ana, tripIds }) {
      const trips = await ana.update(
        'trips',
        { status: 'booked', visibility: 'public' },
        { filters: { id: tripIds.nairobi }, expect: 1, returning: ['status'] },
      );
      expectEqual('Status', trips[0]?.status, 'booked');
      return { rows: trips.length };
    },
  },
  {
    title: 'Save a search in her history',
    as: 'ana',
    async run({ ana }) {
      const rows = await ana.insert(
        'search_history',
        { query: 'places like Lisbon', filters: { population: { gte: 1_000_000 } }, result_count: 6 },
        { returning: false },
      );
      expectEqual('Rows', rows, 1);
      return { rows };
    },
  },
  {
    title: 'rpc, a volatile function: copy a trip',
    as: 'ana',
    async run({ ana, tripIds }) {
      const copy = await ana.rpc('clone_trip', { trip_id: tripIds.lisbon, new_title: 'Lisbon, once more' });
      expectThat(typeof copy === 'string' && copy !== tripIds.lisbon, 'The copy should have its own id.');
      return { rows: 1 };
    },
  },
  {
    title: 'rpc, a scalar function: count trips',
    as: 'ana',
    async run({ ana }) {
      const total = await ana.rpc('count_trips', { with_status: 'planning' });
      expectThat(total >= 3, `At least three trips should be in planning. There are ${total}.`);
      return { note: `${total} trips in planning` };
    },
  },
  {
    title: 'Raw SQL, under the same policies',
    as: 'ana',
    async run({ ana, userIds }) {
      const rows = await ana.sql<{ status: string; trips: number }>`
        select status::text, count(*)::int as trips
        from public.trips
        where owner_id = ${userIds.ana}
        group by status
        order by status`;
      expectEqual(
        'Trips by status',
        rows.map((row) => `${row.status} ${row.trips}`).join(', '),
        'booked 1, planning 3',
      );
      return { rows: rows.length, note: rows.map((row) => `${row.status} ${row.trips}`).join(', ') };
    },
  },
  {
    title: 'An injected string is only a value',
    as: 'ana',
    async run({ ana, tripIds }) {
      const hostile = `Lisbon'); drop table public.trips; -- $1 \\ "😈"`;
      const trip = await ana.insert('trips', { id: tripIds.hostile, title: hostile });
      expectEqual('Title as written', trip.title, hostile);
      const found = await ana.selectMaybe('trips', {
        columns: ['title'],
        filters: { title: hostile, id: tripIds.hostile },
      });
      expectEqual('Title as found', found?.title, hostile);
      return { rows: 1, note: hostile };
    },
  },
  {
    title: 'Delete that trip',
    as: 'ana',
    async run({ ana, tripIds }) {
      const gone = await ana.delete('trips', {
        filters: { id: tripIds.hostile },
        expect: 1,
        returning: ['id'],
      });
      return { rows: gone.length };
    },
  },
];
