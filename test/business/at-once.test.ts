import { beforeEach, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createApiKeys,
  createApiKeyVerifier,
  createTrips,
  localAuth,
  service,
  type Trips,
  user,
} from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import { describeEveryMode } from '../truth/every-mode.ts';
import { ANA, EVE, PEOPLE } from './people.ts';

describeEveryMode('what two do at once', { migrated: true, sql: '' }, (modes) => {
  beforeEach(() => modes.query('direct', PEOPLE));

  /** Resolves once so many updates wait for other transactions. */
  async function waiting(updates: number): Promise<void> {
    const text = `select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query ~* '\\mupdate\\M.*trips'`;
    while ((await modes.query('direct', text)).length < updates);
  }

  it('does not let an editor publish a trip again that its owner makes private meanwhile', async () => {
    await using db = modes.service('direct', {}, 3);
    await using other = modes.service('direct');
    const [ana, eve] = [ANA, EVE].map((sub) => createTrips(db.as(user({ sub })))) as [Trips, Trips];
    const { id } = await ana.create({ title: 'Lisbon', visibility: 'public' });
    await ana.share(id, EVE, 'editor');
    const [withdrawn, published] = await other.as(user({ sub: EVE })).transaction(async (tx) => {
      await createTrips(tx).change(id, { title: 'Held' });
      const first = Promise.allSettled([ana.change(id, { visibility: 'private' })]);
      await waiting(1);
      // It begins while the trip is still public for whoever looks, and goes on when it is no longer.
      const second = Promise.allSettled([eve.change(id, { visibility: 'public' })]);
      await waiting(2);
      return [first, second];
    });
    expect(await withdrawn).toMatchObject([{ status: 'fulfilled' }]);
    expect(await published).toMatchObject([{ status: 'rejected', reason: { name: 'AuthorizationError' } }]);
    expect(await ana.get(id)).toMatchObject({ title: 'Held', visibility: 'private' });
  });

  it('lets an editor change a trip whose owner makes it private meanwhile', async () => {
    await using db = modes.service('direct', {}, 3);
    await using other = modes.service('direct');
    const [ana, eve] = [ANA, EVE].map((sub) => createTrips(db.as(user({ sub })))) as [Trips, Trips];
    const { id } = await ana.create({ title: 'Lisbon', visibility: 'public' });
    await ana.share(id, EVE, 'editor');
    const [changed] = await other.as(user({ sub: ANA })).transaction(async (tx) => {
      await createTrips(tx).change(id, { visibility: 'private' });
      const late = Promise.allSettled([eve.change(id, { title: 'Porto' })]);
      await waiting(1);
      return [late];
    });
    expect(await changed).toMatchObject([{ status: 'fulfilled' }]);
    expect(await ana.get(id)).toMatchObject({ title: 'Porto', visibility: 'private' });
  });

  it('leaves no key valid that is revoked and rotated', async () => {
    await using db = modes.service('direct', {}, 4) as ConsolidatedDatabaseService<Database>;
    await using verifier = createApiKeyVerifier(db.as(service()), { rememberMs: 0, listen: false });
    const keys = createApiKeys(db.as(user({ sub: ANA })));
    for (let n = 0; n < 10; n++) {
      const { key, record } = await keys.create({ name: `ci ${n}` });
      const [revoked, ...rotated] = await Promise.allSettled([
        keys.revoke(record.id),
        keys.rotate(record.id, { overlapMs: 3_600_000 }),
        keys.rotate(record.id, { overlapMs: 3_600_000 }),
      ]);
      expect(revoked.status).toBe('fulfilled');
      await expect(verifier.verify(key.reveal())).rejects.toMatchObject({ code: 'API_KEY_INVALID' });
      const made = rotated.filter(({ status }) => status === 'fulfilled');
      expect(made.length).toBeLessThanOrEqual(1);
      const { rows } = await keys.list({ limit: 1_000 });
      expect(rows.filter(({ name, id }) => name === `ci ${n}` && id !== record.id)).toHaveLength(made.length);
    }
  });

  it('leaves nobody signed in of those who refresh and sign out', async () => {
    await using db = modes.service('direct', {}, 4) as ConsolidatedDatabaseService<Database>;
    const auth = localAuth({ db: db.as(service()), jwt: { secret: 'thirty-two bytes or more, of a test' } });
    const credentials = { email: 'ida@example.com', password: 'correct horse battery' };
    await auth.register(credentials);
    for (let n = 0; n < 5; n++) {
      const session = await auth.login(credentials);
      const refreshed = await Promise.allSettled([
        auth.refresh(session.refreshToken),
        auth.refresh(session.refreshToken),
        auth.logout(session).then(() => session),
      ]);
      const sessions = refreshed.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(sessions.length).toBeLessThanOrEqual(2);
      for (const { refreshToken } of sessions) {
        await expect(auth.refresh(refreshToken)).rejects.toMatchObject({ code: 'SESSION_INVALID' });
      }
    }
  });
});
