import { createUsers } from '../../../src/index.ts';
import { expectEqual, type Step } from '../step.ts';

/** Profiles and preferences, by the module `users`. */
export const peopleSteps: readonly Step[] = [
  {
    title: 'Change what is named in her profile',
    as: 'ana',
    async run({ ana, userIds, usernames }) {
      const profile = await createUsers(ana).change(userIds.ana, { display_name: 'Ana M.' });
      expectEqual('Name', profile.display_name, 'Ana M.');
      expectEqual('Username', profile.username, usernames.ana);
      return { rows: 1 };
    },
  },
  {
    title: 'Set two preferences',
    as: 'ana',
    async run({ ana, userIds }) {
      const set = await createUsers(ana).changePreferences(userIds.ana, { units: 'metric', theme: 'dark' });
      return { note: JSON.stringify(set) };
    },
  },
  {
    title: 'Add one, remove one, keep the other',
    as: 'ana',
    async run({ ana, userIds }) {
      const users = createUsers(ana);
      await users.changePreferences(userIds.ana, { theme: null, currency: 'EUR' });
      const kept = JSON.stringify(await users.preferences(userIds.ana));
      expectEqual('Preferences', kept, '{"units":"metric","currency":"EUR"}');
      return { note: kept };
    },
  },
  {
    title: 'Read the profile of a companion',
    as: 'ben',
    async run({ ben, userIds }) {
      const profile = await createUsers(ben).get(userIds.ana);
      return { rows: 1, note: `${profile.display_name}, who shares Lisbon with him` };
    },
  },
  {
    title: 'Change the profile of Ana',
    as: 'ben',
    refused: { error: 'NotFoundError', code: 'EXPECTATION_FAILED' },
    async run({ ben, userIds }) {
      await createUsers(ben).change(userIds.ana, { display_name: 'Anna' });
      return { rows: 1 };
    },
  },
  {
    title: 'A username that breaks the rules',
    as: 'ben',
    refused: { error: 'ValidationError', code: 'VALIDATION' },
    async run({ ben, userIds }) {
      await createUsers(ben).change(userIds.ben, { username: 'Ben the Second!' });
      return { rows: 1 };
    },
  },
  {
    title: 'Look for a user by part of the email',
    as: 'service',
    async run({ service, userIds, usernames }) {
      const { rows } = await createUsers(service).list({ search: `${usernames.ana}@` });
      expectEqual('Users', rows.map((profile) => profile.id).join(), userIds.ana);
      return { rows: rows.length };
    },
  },
];
