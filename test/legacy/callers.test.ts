import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  AuthenticationError,
  anonymous,
  ConfigurationError,
  createLegacyDatabase,
  service,
  UsageError,
  user,
} from '../../src/index.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { TwoSides, tokenOf } from './two-sides.ts';

const ANA = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';

describeFullStack('callers of a legacy database', () => {
  let sides: TwoSides;

  beforeAll(async () => {
    sides = await TwoSides.open({
      migrated: true,
      sql: `insert into auth.users (id, email) values ('${ANA}', 'ana@example.com'), ('${BEN}', 'ben@example.com');
        insert into profiles (id, username, email) values ('${ANA}', 'ana', 'ana@example.com'), ('${BEN}', 'ben', 'ben@example.com');
        insert into trips (owner_id, title) values ('${ANA}', 'Lisbon'), ('${BEN}', 'Oslo');
        insert into trips (owner_id, title, visibility) values ('${BEN}', 'Porto', 'public')`,
    });
  });
  afterAll(() => sides[Symbol.asyncDispose]());

  const titles = { columns: ['title'], orderBy: 'title' };

  it('see what row level security shows the owner of the token', async () => {
    const ana = sides.legacy().withToken(await tokenOf(ANA));
    expect(await ana.select('trips', titles)).toEqual([{ title: 'Lisbon' }, { title: 'Porto' }]);
  });

  it('see what anyone sees without a token, and everything as the service', async () => {
    const legacy = sides.legacy();
    expect(await legacy.as(anonymous()).select('trips', titles)).toEqual([{ title: 'Porto' }]);
    expect(await legacy.as(service()).count('trips')).toBe(3);
  });

  it('have handles that keep their own caller, however many are used at once', async () => {
    const legacy = sides.legacy();
    const handles = [legacy.withToken(await tokenOf(ANA)), legacy.withToken(await tokenOf(BEN))];
    const owners = await Promise.all(
      Array.from({ length: 40 }, async (_, turn) => {
        const rows = await handles[turn % 2]!.select('profiles', { columns: ['username'] });
        return [turn % 2, rows.map(({ username }) => username)];
      }),
    );
    expect(owners).toEqual(owners.map(([turn]) => [turn, [turn === 0 ? 'ana' : 'ben']]));
  });

  it('are refused where they are nobody, or somebody whom a token does not prove', async () => {
    const legacy = sides.legacy();
    await expect(legacy.select('trips')).rejects.toMatchObject({ code: 'IDENTITY_REQUIRED' });
    expect(() => legacy.as(user({ sub: ANA }) as never)).toThrow(UsageError);
    expect(() => legacy.as(JSON.parse('{"kind":"service"}'))).toThrow(UsageError);
    expect(() => legacy.withToken('')).toThrow(AuthenticationError);
    expect(() => sides.legacy({ serviceKey: undefined }).as(service())).toThrow(ConfigurationError);
  });

  it('are refused with a token that is false or has expired', async () => {
    const legacy = sides.legacy();
    for (const token of ['a.b.c', 'a\nb', 'a b', 'é', `${await tokenOf(ANA)}x`]) {
      await expect(legacy.withToken(token).select('trips'), token).rejects.toMatchObject({
        name: 'AuthenticationError',
        code: 'TOKEN_INVALID',
        outcome: 'not-applied',
      });
    }
    await expect(legacy.withToken(await tokenOf(ANA, '-1h')).select('trips')).rejects.toMatchObject({
      name: 'AuthenticationError',
      code: 'TOKEN_EXPIRED',
    });
  });

  it('reach no path but those of tables and functions', async () => {
    const db = sides.legacy().as(anonymous());
    for (const name of ['../auth/v1/admin', 'rpc/bump', 'trips?select=*', 'trips#', '..', '', 'a%2fb']) {
      await expect(db.select(name), name).rejects.toMatchObject({ code: 'WRONG_CALL' });
      await expect(db.rpc(name), name).rejects.toMatchObject({ code: 'WRONG_CALL' });
    }
    expect(sides.api.requests.filter((request) => !/ \/rest\/v1\/(?:rpc\/)?\w+$/.test(request))).toEqual([]);
  });

  it('are told that the schema is not exposed', async () => {
    const { url, anonKey: key } = sides.api;
    const other = createLegacyDatabase({ createClient, url, key, schema: 'private' });
    await expect(other.as(anonymous()).select('trips')).rejects.toMatchObject({
      name: 'ConfigurationError',
      code: 'UNKNOWN_SCHEMA',
    });
  });

  it('are told that the key of the project is wrong', async () => {
    const legacy = sides.legacy({ key: 'another' });
    await expect(legacy.as(anonymous()).select('trips')).rejects.toMatchObject({
      name: 'ConfigurationError',
      code: 'API_KEY_REFUSED',
    });
  });
});
