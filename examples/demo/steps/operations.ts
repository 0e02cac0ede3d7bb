import { setTimeout } from 'node:timers/promises';
import { createTrips } from '../../../src/index.ts';
import { auditLog } from '../../../src/ops/audit-log.ts';
import { auditTriggersSql } from '../../../src/ops/audit-triggers.ts';
import { installOwnSchema } from '../../../src/ops/install-own-schema.ts';
import { closeTemporary, openTemporarily } from '../../../src/ops/open-temporarily.ts';
import { ExpectationError, expectEqual, expectThat, type Step, type World } from '../step.ts';

const TRIPS = { schema: 'public', table: 'trips' };
const OPENING = { table: TRIPS, role: 'authenticated', command: 'select' };

/** What operators do, on the command line by `cdb audit` and `cdb policies`. */
export const operationSteps: readonly Step[] = [
  {
    title: 'Record every change of trips from now',
    as: 'operator',
    embedded: true,
    async run({ admin }) {
      const { version } = await installOwnSchema(admin);
      await admin.script(auditTriggersSql({ tables: [TRIPS], exclude: [], record: true }));
      return { note: `schema cdb in version ${version}, and triggers on trips` };
    },
  },
  {
    title: 'Change a trip that they share',
    as: 'ben',
    embedded: true,
    async run({ ben, tripIds }) {
      await createTrips(ben).change(tripIds.lisbon, { description: 'Ben brings the camera too.' });
      return { rows: 1 };
    },
  },
  {
    title: 'Ask who changed what, from what',
    as: 'operator',
    embedded: true,
    async run({ admin, userIds, tripIds }) {
      const entries = await auditLog(admin, { table: TRIPS });
      const [entry] = entries;
      const before = entry?.before ?? {};
      expectEqual('Entries', entries.length, 1);
      expectEqual('Who', entry?.subject, userIds.ben);
      expectEqual('Which trip', JSON.stringify(entry?.key), JSON.stringify({ id: tripIds.lisbon }));
      expectThat('description' in before, 'The audit should say what the description was.');
      return { rows: entries.length, note: `Ben changed "${before.description}"` };
    },
  },
  {
    title: 'Open trips to users for 30 minutes',
    as: 'operator',
    embedded: true,
    async run({ admin }) {
      const { policy } = await openTemporarily(admin, { ...OPENING, until: '30m', reason: 'Ana has called' });
      return { note: policy };
    },
  },
  {
    title: 'See the trips that are private',
    as: 'ben',
    embedded: true,
    async run(world) {
      const seen = await tripsOfAna(world);
      expectThat(seen > 1, `While it is open, Ben should see all trips of Ana. He sees ${seen}.`);
      return { rows: seen };
    },
  },
  {
    title: 'Let it end in a second, and wait',
    as: 'operator',
    embedded: true,
    async run(world) {
      await openTemporarily(world.admin, { ...OPENING, until: '1s', reason: 'Ana is helped' });
      for (let asked = 0; asked < 100; asked += 1) {
        const seen = await tripsOfAna(world);
        if (seen === 1) return { rows: seen, note: 'only Lisbon again, which she shares with him' };
        await setTimeout(100);
      }
      throw new ExpectationError('The policy should have ended by itself.');
    },
  },
  {
    title: 'Drop what has ended',
    as: 'operator',
    embedded: true,
    async run({ admin }) {
      const dropped = await closeTemporary(admin, { expired: true });
      const told = await auditLog(admin, { table: TRIPS, limit: 3 });
      expectEqual('Policies', dropped.length, 1);
      expectEqual('The audit', told.map(({ operation }) => operation).join(), 'close,open,open');
      return { note: 'the audit has who opened and closed it, and why' };
    },
  },
];

/** How many private trips of Ana does Ben see? */
function tripsOfAna({ ben, userIds }: World): Promise<number> {
  return ben.count('trips', { filters: { owner_id: userIds.ana, visibility: 'private' } });
}
