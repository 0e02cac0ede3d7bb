import { setTimeout } from 'node:timers/promises';
import { createApiKeys, createApiKeyVerifier, requireScope, type UserIdentity } from '../../../src/index.ts';
import { ExpectationError, expectEqual, expectThat, type Step, type World } from '../step.ts';

const HOUR_MS = 3_600_000;

/** Keys with which a program acts as its user, from the first to the last day. */
export const apiKeySteps: readonly Step[] = [
  {
    title: 'Create an API key, shown once',
    as: 'ana',
    async run({ ana, story }) {
      const { key } = story.firstKey.give(
        await createApiKeys(ana).create({ name: 'calendar', scopes: ['trips:read'] }),
      );
      const logged = `${key} ${JSON.stringify(key)}`;
      expectThat(!logged.includes(key.reveal()), 'Whatever prints the key should show its prefix alone.');
      return { rows: 1, note: `a log shows ${key}` };
    },
  },
  {
    title: 'Act as its user',
    as: 'api key',
    async run({ db, service, userIds, story }) {
      await using verifier = createApiKeyVerifier(service);
      const identity = await verifier.verify(story.firstKey.take().key.reveal());
      requireScope(identity, 'trips:read');
      const trips = await db.as(identity).select('trips', {
        columns: ['owner_id'],
        filters: { visibility: 'private', owner_id: userIds.ana },
      });
      expectThat(trips.length > 0, 'The key should see the private trips of Ana.');
      return { rows: trips.length };
    },
  },
  {
    title: 'Write, without the scope for it',
    as: 'api key',
    refused: { error: 'AuthorizationError', code: 'SCOPE_MISSING' },
    async run({ service, story }) {
      requireScope(await verified(service, story.firstKey.take().key.reveal()), 'trips:write');
      return {};
    },
  },
  {
    title: 'Make a further key with it',
    as: 'api key',
    refused: { error: 'AuthorizationError', code: 'FORBIDDEN' },
    async run({ db, service, story }) {
      const identity = await verified(service, story.firstKey.take().key.reveal());
      await createApiKeys(db.as(identity)).create({ name: 'one for ever' });
      return { rows: 1 };
    },
  },
  {
    title: 'A made-up key',
    as: 'api key',
    refused: { error: 'AuthenticationError', code: 'API_KEY_INVALID' },
    async run({ service }) {
      await verified(service, 'cdb_made_up');
      return {};
    },
  },
  {
    title: 'Rotate it: for an hour both are valid',
    as: 'ana',
    async run({ ana, service, story }) {
      const { key, record } = story.firstKey.take();
      const keys = createApiKeys(ana);
      const next = await keys.rotate(record.id, { overlapMs: HOUR_MS });
      story.secondKey.give(next);
      for (const each of [key, next.key]) requireScope(await verified(service, each.reveal()), 'trips:read');
      const { rows } = await keys.list();
      expectEqual('Names', rows.map(({ name }) => name).join(), 'calendar,calendar');
      return { rows: rows.length };
    },
  },
  {
    title: 'Revoke the old one: dead in a second',
    as: 'ana',
    refused: { error: 'AuthenticationError', code: 'API_KEY_INVALID' },
    async run({ ana, service, story }) {
      const { key, record } = story.firstKey.take();
      await using verifier = createApiKeyVerifier(service);
      await verifier.verify(key.reveal());
      await createApiKeys(ana).revoke(record.id);
      for (let asked = 0; asked < 50; asked += 1) {
        await verifier.verify(key.reveal());
        await setTimeout(100);
      }
      throw new ExpectationError('The key should be refused after it was revoked.');
    },
  },
  {
    title: '… and the new one is valid',
    as: 'api key',
    async run({ service, userIds, story }) {
      const identity = await verified(service, story.secondKey.take().key.reveal());
      expectEqual('The user of the key', identity.claims.sub, userIds.ana);
      return {};
    },
  },
];

/** As a process does that has just started. A real one keeps its verifier. */
async function verified(service: World['service'], key: string): Promise<UserIdentity> {
  await using verifier = createApiKeyVerifier(service, { listen: false });
  return verifier.verify(key);
}
