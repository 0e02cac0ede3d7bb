import { op } from '../../../src/index.ts';
import { expectEqual, expectThat, type Step } from '../step.ts';

/** All or nothing. */
export const atomicSteps: readonly Step[] = [
  {
    title: 'Batch of two inserts, all or nothing',
    as: 'ana',
    async run({ db, ana, tripIds }) {
      const [trip, written] = await ana.batch([
        db.build.insert('trips', { id: tripIds.batched, title: 'Porto, in one batch' }),
        db.build.insert('search_history', { query: 'porto', result_count: 1 }, { returning: false }),
      ]);
      expectEqual('Trip', trip.id, tripIds.batched);
      expectEqual('Searches', written, 1);
      return { rows: 2 };
    },
  },
  {
    title: 'Batch whose second statement fails',
    as: 'ana',
    refused: { error: 'CheckError', code: 'CHECK_VIOLATION' },
    async run({ db, ana, tripIds }) {
      await ana.batch([
        db.build.insert('trips', { id: tripIds.undone, title: 'Never to be seen' }),
        db.build.insert('search_history', { query: '' }),
      ]);
      return { rows: 2 };
    },
  },
  {
    title: '… and nothing of that batch is left',
    as: 'ana',
    async run({ ana, tripIds }) {
      const left = await ana.count('trips', { filters: { id: tripIds.undone } });
      expectEqual('Trips of the failed batch', left, 0);
      return { rows: 0 };
    },
  },
  {
    title: 'Transaction that throws: rolled back',
    as: 'ana',
    pinned: true,
    async run({ ana, tripIds }) {
      const changedHerMind = new Error('Ana changed her mind.');
      let seenInside = 0;
      try {
        await ana.transaction(async (tx) => {
          await tx.insert('trips', { id: tripIds.undone, title: 'Undone' });
          await tx.delete('trips', { filters: { id: tripIds.tokyo }, expect: 1 });
          seenInside = await tx.count('trips', { filters: { id: op.in([tripIds.undone, tripIds.tokyo]) } });
          throw changedHerMind;
        });
      } catch (error) {
        if (error !== changedHerMind) throw error;
      }
      expectEqual('Trips seen inside the transaction', seenInside, 1);
      return { rows: seenInside };
    },
  },
  {
    title: '… Tokyo exists, the new trip does not',
    as: 'ana',
    async run({ ana, tripIds }) {
      const trips = await ana.select('trips', {
        columns: ['id'],
        filters: { id: op.in([tripIds.undone, tripIds.tokyo]) },
      });
      expectEqual('Trips', trips.map((trip) => trip.id).join(), tripIds.tokyo);
      return { rows: trips.length };
    },
  },
  {
    title: 'Transaction with an undone savepoint',
    as: 'ana',
    pinned: true,
    async run({ ana, tripIds }) {
      const tooExpensive = new Error('That one is too expensive.');
      await ana.transaction(async (tx) => {
        await tx.insert('trips', { id: tripIds.kept, title: 'Kept' });
        try {
          await tx.transaction(async (nested) => {
            await nested.insert('trips', { id: tripIds.dropped, title: 'Dropped' });
            throw tooExpensive;
          });
        } catch (error) {
          if (error !== tooExpensive) throw error;
        }
        await tx.update(
          'trips',
          { tags: ['kept', 'after all'] },
          { filters: { id: tripIds.kept }, expect: 1 },
        );
      });
      return { rows: 1 };
    },
  },
  {
    title: '… what came before and after is kept',
    as: 'ana',
    pinned: true,
    async run({ ana, tripIds }) {
      const trips = await ana.select('trips', {
        columns: ['id', 'tags'],
        filters: { id: op.in([tripIds.kept, tripIds.dropped]) },
      });
      expectEqual('Trips', trips.map((trip) => trip.id).join(), tripIds.kept);
      expectThat(
        trips[0]?.tags.join(' ') === 'kept after all',
        'The update after the savepoint should be kept.',
      );
      return { rows: trips.length };
    },
  },
];
