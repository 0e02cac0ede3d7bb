import { createTrips } from '../../../src/index.ts';
import { embedPlace } from '../embedding.ts';
import { placeNamed } from '../place-named.ts';
import { expectEqual, expectThat, type Step } from '../step.ts';

/** Trips of a user's own, and who shares them, by the module `trips`. */
export const tripSteps: readonly Step[] = [
  {
    title: 'Create three trips with embeddings',
    as: 'ana',
    async run({ ana, places, story }) {
      const trips = createTrips(ana);
      const common = { tags: [TAG] };
      const barcelona = await trips.create({
        ...common,
        title: 'Barcelona by night train',
        starts_on: '2029-05-01',
        embedding: embedPlace(placeNamed(places, 'Barcelona')),
      });
      story.barcelona.give(barcelona.id);
      await trips.create({
        ...common,
        title: 'Madrid',
        description: 'By train too.',
        starts_on: '2029-05-09',
        embedding: embedPlace(placeNamed(places, 'Madrid')),
      });
      await trips.create({
        ...common,
        title: 'Osaka, the other night train',
        starts_on: '2029-11-02',
        embedding: embedPlace(placeNamed(places, 'Osaka')),
      });
      expectEqual('Visibility', barcelona.visibility, 'private');
      return { rows: 3 };
    },
  },
  {
    title: 'A trip that ends before it starts',
    as: 'ana',
    refused: { error: 'ValidationError', code: 'VALIDATION' },
    async run({ ana }) {
      await createTrips(ana).create({
        title: 'Back in time',
        starts_on: '2029-05-01',
        ends_on: '2029-04-01',
      });
      return { rows: 1 };
    },
  },
  {
    title: 'List them in pages of two',
    as: 'ana',
    async run({ ana, userIds }) {
      const trips = createTrips(ana);
      const asked = { owner_id: userIds.ana, tag: TAG, limit: 2 };
      const first = await trips.list(asked);
      const second = await trips.list({ ...asked, after: first.next });
      const titles = [...first.rows, ...second.rows].map(({ title }) => title);
      expectEqual('Trips of the first page', first.rows.length, 2);
      expectEqual('Trips of the second page', second.rows.length, 1);
      expectEqual('What comes after the last page', second.next, undefined);
      return { rows: titles.length, note: titles.join(' · ') };
    },
  },
  {
    title: 'Search them by words: train -night',
    as: 'ana',
    async run({ ana, userIds }) {
      const found = await createTrips(ana).search({ text: 'train -night', limit: 1000 });
      const hers = found.filter((trip) => trip.owner_id === userIds.ana && trip.tags.includes(TAG));
      expectEqual('Found', hers.map(({ title }) => title).join(), 'Madrid');
      return { rows: hers.length, note: 'Madrid' };
    },
  },
  {
    title: 'Find trips that are like Barcelona',
    as: 'ana',
    async run({ ana, userIds, story }) {
      const found = await createTrips(ana).alike({ id: story.barcelona.take(), limit: 100 });
      const hers = found.filter((trip) => trip.owner_id === userIds.ana);
      expectEqual('The most alike', hers[0]?.title, 'Madrid');
      return {
        rows: hers.length,
        note: hers.map(({ title, similarity }) => `${title} ${similarity.toFixed(3)}`).join(' · '),
      };
    },
  },
  {
    title: 'Look for her trip to Barcelona',
    as: 'ben',
    refused: { error: 'NotFoundError', code: 'NOT_FOUND' },
    async run({ ben, story }) {
      await createTrips(ben).get(story.barcelona.take());
      return { rows: 1 };
    },
  },
  {
    title: 'Share it with Ben, as a viewer',
    as: 'ana',
    async run({ ana, userIds, story }) {
      const { role } = await createTrips(ana).share(story.barcelona.take(), userIds.ben, 'viewer');
      expectEqual('Role', role, 'viewer');
      return { rows: 1 };
    },
  },
  {
    title: 'Now he sees it',
    as: 'ben',
    async run({ ben, story }) {
      const { title } = await createTrips(ben).get(story.barcelona.take());
      return { rows: 1, note: title };
    },
  },
  {
    title: 'Book it, which a viewer may not',
    as: 'ben',
    refused: { error: 'NotFoundError', code: 'EXPECTATION_FAILED' },
    async run({ ben, story }) {
      await createTrips(ben).change(story.barcelona.take(), { status: 'booked' });
      return { rows: 1 };
    },
  },
  {
    title: 'Make himself an editor',
    as: 'ben',
    refused: { error: 'AuthorizationError', code: 'FORBIDDEN' },
    async run({ ben, userIds, story }) {
      await createTrips(ben).share(story.barcelona.take(), userIds.ben, 'editor');
      return { rows: 1 };
    },
  },
  {
    title: 'Make Ben an editor',
    as: 'ana',
    async run({ ana, userIds, story }) {
      const trips = createTrips(ana);
      await trips.share(story.barcelona.take(), userIds.ben, 'editor');
      const roles = (await trips.collaborators(story.barcelona.take())).map(({ role }) => role);
      expectEqual('Roles', roles.join(), 'editor');
      return { rows: roles.length };
    },
  },
  {
    title: 'Book it, which an editor may',
    as: 'ben',
    async run({ ben, userIds, story }) {
      const trips = createTrips(ben);
      const { id, updated_at } = await trips.get(story.barcelona.take());
      const booked = await trips.change(id, { status: 'booked' }, { unchanged: { updated_at } });
      expectEqual('Status', booked.status, 'booked');
      expectThat(booked.owner_id !== userIds.ben, 'The trip should still be that of Ana.');
      return { rows: 1 };
    },
  },
  {
    title: 'Make it public, as only its owner may',
    as: 'ben',
    refused: { error: 'AuthorizationError', code: 'FORBIDDEN' },
    async run({ ben, story }) {
      await createTrips(ben).change(story.barcelona.take(), { visibility: 'public' });
      return { rows: 1 };
    },
  },
  {
    title: 'Cancel it, twice: once is enough',
    as: 'ana',
    async run({ ana, story }) {
      const trips = createTrips(ana);
      const first = await trips.cancel(story.barcelona.take());
      const second = await trips.cancel(story.barcelona.take());
      expectEqual('Status', second.status, 'cancelled');
      expectEqual('Time of the last change', second.updated_at, first.updated_at);
      return { rows: 1 };
    },
  },
  {
    title: 'Take Ben off it',
    as: 'ana',
    async run({ ana, userIds, story }) {
      await createTrips(ana).unshare(story.barcelona.take(), userIds.ben);
      return { rows: 1 };
    },
  },
  {
    title: '… and he no longer sees it',
    as: 'ben',
    async run({ ben, story }) {
      expectEqual('The trip', await createTrips(ben).find(story.barcelona.take()), undefined);
      return { rows: 0 };
    },
  },
];

const TAG = 'by night train';
