import { op } from '../../../src/index.ts';
import { expectEqual, expectThat, type Step } from '../step.ts';

/** What one user sees of another's rows, by the policies of the database alone. */
export const sharingSteps: readonly Step[] = [
  {
    title: 'Create his profile',
    as: 'ben',
    async run({ ben, userIds, usernames }) {
      await ben.insert('profiles', {
        id: userIds.ben,
        username: usernames.ben,
        email: `${usernames.ben}@example.com`,
        display_name: 'Ben',
      });
      return { rows: 1 };
    },
  },
  {
    title: "Take Ana's username",
    as: 'ben',
    refused: { error: 'UniqueConstraintError', code: 'UNIQUE_VIOLATION' },
    async run({ ben, userIds, usernames }) {
      const changed = await ben.update(
        'profiles',
        { username: usernames.ana },
        { filters: { id: userIds.ben } },
      );
      return { rows: changed.length };
    },
  },
  {
    title: "Look for Ana's private trips: none",
    as: 'ben',
    async run({ ben, userIds }) {
      const trips = await ben.select('trips', { filters: { owner_id: userIds.ana, visibility: 'private' } });
      expectEqual('Private trips of Ana that Ben sees', trips.length, 0);
      return { rows: trips.length };
    },
  },
  {
    title: 'Read without a filter: none of hers',
    as: 'ben',
    async run({ ben, userIds }) {
      const trips = await ben.select('trips', { columns: ['owner_id', 'visibility'], limit: 1000 });
      expectThat(
        trips.every((trip) => trip.owner_id !== userIds.ana || trip.visibility === 'public'),
        'Ben should see no private trip of Ana.',
      );
      return { rows: trips.length };
    },
  },
  {
    title: "Change Ana's trip, expecting one row",
    as: 'ben',
    refused: { error: 'NotFoundError', code: 'EXPECTATION_FAILED' },
    async run({ ben, tripIds }) {
      const changed = await ben.update(
        'trips',
        { title: 'Mine now' },
        { filters: { id: tripIds.lisbon }, expect: 1 },
      );
      return { rows: changed.length };
    },
  },
  {
    title: 'Insert a trip with Ana as its owner',
    as: 'ben',
    refused: { error: 'AuthorizationError', code: 'FORBIDDEN' },
    async run({ ben, userIds }) {
      await ben.insert('trips', { owner_id: userIds.ana, title: 'Forged' });
      return { rows: 1 };
    },
  },
  {
    title: 'Invite Ben to Lisbon as an editor',
    as: 'ana',
    async run({ ana, userIds, tripIds }) {
      await ana.insert('trip_collaborators', {
        trip_id: tripIds.lisbon,
        user_id: userIds.ben,
        role: 'editor',
      });
      return { rows: 1 };
    },
  },
  {
    title: 'Look again: only Lisbon is there',
    as: 'ben',
    async run({ ben, userIds }) {
      const trips = await ben.select('trips', {
        columns: ['title'],
        filters: { owner_id: userIds.ana, visibility: 'private' },
      });
      expectEqual('Trips shared with Ben', trips.length, 1);
      return { rows: trips.length, note: trips.map((trip) => trip.title).join(', ') };
    },
  },
  {
    title: 'Change it, as an editor may',
    as: 'ben',
    async run({ ben, tripIds }) {
      const changed = await ben.update(
        'trips',
        { description: 'Ben brings the guidebook.' },
        { filters: { id: tripIds.lisbon }, expect: 1, returning: ['id'] },
      );
      return { rows: changed.length };
    },
  },
  {
    title: 'Delete it, as only the owner may',
    as: 'ben',
    refused: { error: 'NotFoundError', code: 'EXPECTATION_FAILED' },
    async run({ ben, tripIds }) {
      const gone = await ben.delete('trips', { filters: { id: tripIds.lisbon }, expect: 1 });
      return { rows: gone.length };
    },
  },
  {
    title: 'Read the public one of their trips',
    as: 'anonymous',
    async run({ anonymous, tripIds }) {
      const trips = await anonymous.select('trips', {
        columns: ['title', 'visibility'],
        filters: { id: op.in(Object.values(tripIds)) },
      });
      expectEqual('Trips that everyone sees', trips.map((trip) => trip.visibility).join(), 'public');
      return { rows: trips.length, note: trips.map((trip) => trip.title).join(', ') };
    },
  },
  {
    title: 'Insert a trip',
    as: 'anonymous',
    refused: { error: 'AuthorizationError', code: 'FORBIDDEN' },
    async run({ anonymous }) {
      await anonymous.insert('trips', { title: 'From nobody' });
      return { rows: 1 };
    },
  },
  {
    title: 'Read the profiles',
    as: 'anonymous',
    refused: { error: 'AuthorizationError', code: 'FORBIDDEN' },
    async run({ anonymous }) {
      return { rows: (await anonymous.select('profiles')).length };
    },
  },
  {
    title: 'Read every trip, bypassing policies',
    as: 'service',
    async run({ service, userIds }) {
      const trips = await service.select('trips', {
        columns: ['id', 'visibility'],
        filters: { owner_id: op.in([userIds.ana, userIds.ben]) },
      });
      expectThat(
        trips.some((trip) => trip.visibility === 'private') && trips.length >= 5,
        `The service should see every trip of both users. It sees ${trips.length}.`,
      );
      return { rows: trips.length };
    },
  },
];
