import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type ApiKeys,
  type ConsolidatedDatabaseService,
  createApiKeys,
  createApiKeyVerifier,
  requireScope,
  service,
  user,
} from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { describeEveryMode, MODES, PINNED, refusalOf } from '../truth/every-mode.ts';
import { ANA, BEN, USERS } from './two-users.ts';

const HOUR_MS = 3_600_000;
const UNKNOWN = '00000000-0000-4000-8000-0000000000ff';
const refused = { name: 'AuthenticationError', code: 'API_KEY_INVALID', statusCode: 401 };

const inAnHour = () => new Date(Date.now() + HOUR_MS);

describeEveryMode('API keys', { migrated: true, sql: USERS }, (modes) => {
  describe.each(MODES)('in %s mode', (mode) => {
    let db: ConsolidatedDatabaseService<Database>;
    let ana: ApiKeys;
    let ben: ApiKeys;

    beforeAll(() => {
      db = modes.service(mode) as ConsolidatedDatabaseService<Database>;
      ana = createApiKeys(db.as(user({ sub: ANA })));
      ben = createApiKeys(db.as(user({ sub: BEN })));
    });
    afterAll(() => db.close({ drainMs: 0 }));
    beforeEach(() => modes.query(mode, 'truncate public.api_keys'));

    /** One that remembers nothing and hears nothing, so that each answer is of the database. */
    const verify = (key: string) =>
      createApiKeyVerifier(db.as(service()), { rememberMs: 0, listen: false }).verify(key);

    it('are shown once, and verify into their user', async () => {
      const expiresAt = inAnHour();
      const { key, record } = await ana.create({
        name: ' ci ',
        scopes: ['trips:read', 'trips:read'],
        expiresAt,
      });
      expect(record).toEqual({
        id: expect.any(String),
        user_id: ANA,
        name: 'ci',
        key_prefix: key.reveal().slice(0, 12),
        scopes: ['trips:read'],
        last_used_at: null,
        expires_at: expect.any(String),
        revoked_at: null,
        replaced_at: null,
        created_at: expect.any(String),
        updated_at: expect.any(String),
      });
      expect(Date.parse(record.expires_at ?? '')).toBe(expiresAt.getTime());
      const identity = await verify(key.reveal());
      expect(identity.claims).toEqual({
        sub: ANA,
        role: 'authenticated',
        aud: 'authenticated',
        exp: expect.any(Number),
        amr: [{ method: 'api_key' }],
        api_key_id: record.id,
        scopes: ['trips:read'],
      });
      expect(await db.as(identity).select('profiles', { columns: ['id'] })).toEqual([{ id: ANA }]);
      requireScope(identity, 'trips:read');
      expect(() => requireScope(identity, 'trips')).toThrow(/'trips'/);
      requireScope(user({ sub: ANA }), 'anything');
    });

    it('leave only their hash behind', async () => {
      const { key } = await ana.create({ name: 'ci' });
      const secret = key.reveal().slice(13);
      const [row] = await modes.query<{ all: string }>(
        mode,
        'select k::text as "all" from public.api_keys k',
      );
      expect(row?.all).not.toContain(secret);
      expect(JSON.stringify([key, await ana.list()])).not.toContain(secret);
    });

    it('are their own users to list, page by page, without hashes', async () => {
      for (const name of ['a', 'b', 'c']) {
        await ana.create({ name });
        await modes.untilLater(mode);
      }
      await ben.create({ name: 'a' });
      const first = await ana.list({ limit: 2 });
      expect(first.rows.map(({ name }) => name)).toEqual(['c', 'b']);
      expect(Object.keys(first.rows[0] ?? {})).not.toContain('key_hash');
      const rest = await ana.list({ limit: 2, after: first.next });
      expect([rest.rows.map(({ name }) => name), rest.next]).toEqual([['a'], undefined]);
    });

    it('can be renamed, revoked and removed by their user alone', async () => {
      const { key, record } = await ana.create({ name: 'ci' });
      const missing = { name: 'NotFoundError' };
      expect(await refusalOf(() => ben.rename(record.id, 'mine'))).toMatchObject(missing);
      expect(await refusalOf(() => ben.revoke(record.id))).toMatchObject(missing);
      expect(await refusalOf(() => ben.rotate(record.id))).toMatchObject(missing);
      expect(await refusalOf(() => ben.remove(record.id))).toMatchObject(missing);
      expect(await refusalOf(() => ana.remove(UNKNOWN))).toMatchObject(missing);
      expect(await ana.rename(record.id, 'laptop')).toMatchObject({ id: record.id, name: 'laptop' });
      await verify(key.reveal());
      await ana.remove(record.id);
      expect(await refusalOf(() => verify(key.reveal()))).toMatchObject(refused);
    });

    it('stay revoked, since the first time', async () => {
      const { key, record } = await ana.create({ name: 'ci' });
      const { revoked_at } = await ana.revoke(record.id);
      expect(await refusalOf(() => verify(key.reveal()))).toMatchObject(refused);
      expect((await ana.revoke(record.id)).revoked_at).toBe(revoked_at);
      const change = { filters: { id: record.id } };
      for (const caller of [user({ sub: ANA }), service()]) {
        const taken = await refusalOf(() => db.as(caller).update('api_keys', { revoked_at: null }, change));
        expect(taken).toMatchObject({ name: 'ConflictError', code: 'RAISED' });
      }
      expect(await refusalOf(() => verify(key.reveal()))).toMatchObject(refused);
    });

    it('give their name free when they are revoked, not before', async () => {
      const { record } = await ana.create({ name: 'ci' });
      expect(await refusalOf(() => ana.create({ name: 'ci' }))).toMatchObject({
        name: 'UniqueConstraintError',
      });
      await ana.revoke(record.id);
      await ana.create({ name: 'ci' });
    });

    it('expire, and so do their identities', async () => {
      const { key } = await ana.create({ name: 'ci', expiresAt: inAnHour() });
      expect((await verify(key.reveal())).claims.exp).toBeLessThan(Date.now() / 1_000 + 62);
      const soon = Date.now() + 30_000;
      await modes.query(mode, `update public.api_keys set expires_at = to_timestamp(${soon / 1_000})`);
      expect((await verify(key.reveal())).claims.exp).toBeCloseTo(soon / 1_000, 3);
      await modes.query(mode, `update public.api_keys set expires_at = now() - interval '1 ms'`);
      expect(await refusalOf(() => verify(key.reveal()))).toMatchObject(refused);
    });

    it('are dead while their user is banned, and when it is deleted', async () => {
      const { key } = await ben.create({ name: 'ci' });
      const change = (set: string) => modes.query(mode, `update auth.users set ${set} where id = '${BEN}'`);
      await change(`banned_until = now() + interval '1 hour'`);
      expect(await refusalOf(() => verify(key.reveal()))).toMatchObject(refused);
      await change(`banned_until = null, deleted_at = now()`);
      expect(await refusalOf(() => verify(key.reveal()))).toMatchObject(refused);
      await change(`deleted_at = null`);
      await verify(key.reveal());
      await modes.query(mode, `delete from auth.users where id = '${BEN}'`);
      expect(await refusalOf(() => verify(key.reveal()))).toMatchObject(refused);
      await modes.query(
        mode,
        `insert into auth.users (id, email) values ('${BEN}', 'ben@example.org');
         insert into public.profiles (id, username, email) values ('${BEN}', 'ben', 'ben@example.org')`,
      );
    });

    it('rotate: the new one at once, the old one until the overlap ends', async () => {
      const { key, record } = await ana.create({ name: 'ci', scopes: ['trips:read'] });
      const next = await ana.rotate(record.id, { overlapMs: HOUR_MS });
      expect(next.record).toMatchObject({ name: 'ci', scopes: ['trips:read'], expires_at: null });
      expect(next.key.reveal()).not.toBe(key.reveal());
      await verify(next.key.reveal());
      await verify(key.reveal());
      const old = (await ana.list()).rows.find(({ id }) => id === record.id);
      expect(Date.parse(old?.expires_at ?? '') - Date.parse(old?.replaced_at ?? '')).toBeGreaterThan(
        HOUR_MS - 5_000,
      );
      const last = await ana.rotate(next.record.id);
      expect(await refusalOf(() => verify(next.key.reveal()))).toMatchObject(refused);
      await verify(last.key.reveal());
    });

    it('rotate into a key that lives as long, and never lengthen the old one', async () => {
      const { record } = await ana.create({ name: 'ci', expiresAt: inAnHour() });
      const next = await ana.rotate(record.id, { overlapMs: 24 * HOUR_MS });
      const lifetime = Date.parse(next.record.expires_at ?? '') - Date.parse(next.record.created_at);
      expect(Math.abs(lifetime - HOUR_MS)).toBeLessThan(60_000);
      const old = (await ana.list()).rows.find(({ id }) => id === record.id);
      expect(old?.expires_at).toBe(record.expires_at);
      const never = await ana.rotate(next.record.id, { expiresAt: null });
      expect(never.record.expires_at).toBeNull();
    });

    it('rotate once, whoever else does at the same time', async () => {
      const { record } = await ana.create({ name: 'ci' });
      const tries = await Promise.allSettled(Array.from({ length: 5 }, () => ana.rotate(record.id)));
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const tried of tries) {
        if (tried.status === 'rejected') expect(tried.reason).toMatchObject({ name: 'ConflictError' });
      }
      expect((await ana.list()).rows).toHaveLength(2);
    });

    it.each([
      ['revoked', `revoked_at = now()`],
      ['expired', `expires_at = now()`],
      ['replaced', `replaced_at = now(), expires_at = now() + interval '1 hour'`],
    ])('do not rotate once they are %s', async (_what, set) => {
      const { record } = await ana.create({ name: 'ci' });
      await modes.query(mode, `update public.api_keys set ${set}`);
      expect(await refusalOf(() => ana.rotate(record.id))).toMatchObject({
        name: 'ConflictError',
        code: 'API_KEY_NOT_ACTIVE',
      });
    });

    it('make, change and remove no keys themselves', async () => {
      const { key, record } = await ana.create({ name: 'ci' });
      const held = createApiKeys(db.as(await verify(key.reveal())));
      expect((await held.list()).rows).toHaveLength(1);
      expect(await refusalOf(() => held.create({ name: 'more' }))).toMatchObject({
        name: 'AuthorizationError',
      });
      for (const change of [
        () => held.rename(record.id, 'more'),
        () => held.revoke(record.id),
        () => held.rotate(record.id),
        () => held.remove(record.id),
      ]) {
        expect([403, 404, 409]).toContain((await refusalOf(change)).statusCode);
      }
      expect((await ana.list()).rows).toEqual([record]);
    });

    it.each([
      ['no name', { name: ' ' }, 'name'],
      ['a name that is too long', { name: 'x'.repeat(101) }, 'name'],
      ['a scope with a space', { name: 'a', scopes: ['a b'] }, 'scopes'],
      ['too many scopes', { name: 'a', scopes: Array.from({ length: 51 }, (_, n) => `s${n}`) }, 'scopes'],
      ['an expiry in the past', { name: 'a', expiresAt: new Date(0) }, 'expiresAt'],
      ['an expiry without a zone', { name: 'a', expiresAt: '2099-01-01T00:00:00' }, 'expiresAt'],
      ['an expiry that is no time', { name: 'a', expiresAt: new Date(Number.NaN) }, 'expiresAt'],
      ['an unknown field', { name: 'a', user_id: BEN }, undefined],
    ])('are not made of %s', async (_what, given, field) => {
      const error = await refusalOf(() => ana.create(given));
      expect(error).toMatchObject({ name: 'ValidationError' });
      expect(error.field).toBe(field);
    });
  });

  it.each(PINNED)('are heard of when they are revoked, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate public.api_keys');
    await using db = modes.service(mode) as ConsolidatedDatabaseService<Database>;
    // Its time stands still, so that it forgets nothing by itself.
    await using verifier = createApiKeyVerifier(db.as(service()), { clock: new FakeClock() });
    const ana = createApiKeys(db.as(user({ sub: ANA })));
    const { key, record } = await ana.create({ name: 'ci' });
    await verifier.verify(key.reveal());
    await vi.waitFor(() => expect(verifier.stats().isListening).toBe(true), { timeout: 20_000 });
    await verifier.verify(key.reveal());
    await ana.revoke(record.id);
    await vi.waitFor(() => expect(verifier.verify(key.reveal())).rejects.toMatchObject(refused), {
      timeout: 20_000,
    });
  });

  it.each(PINNED)('belong to the transaction of a handle in %s mode', async (mode) => {
    await modes.query(mode, 'truncate public.api_keys');
    await using db = modes.service(mode) as ConsolidatedDatabaseService<Database>;
    const ana = db.as(user({ sub: ANA }));
    const abandoned = ana.transaction(async (tx) => {
      const keys = createApiKeys(tx);
      const { record } = await keys.create({ name: 'ci' });
      await keys.rotate(record.id);
      throw new Error('no');
    });
    await expect(abandoned).rejects.toThrow('no');
    expect((await createApiKeys(ana).list()).rows).toEqual([]);
  });
});
