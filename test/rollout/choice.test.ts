import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  createRollout,
  type DatabaseOperations,
  type Rollout,
  type RolloutFlag,
  type RolloutOptions,
  service,
  UniqueConstraintError,
  ValidationError,
} from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { MemoryFlag } from './memory-flag.ts';
import { countedSide } from './posing-side.ts';
import { SECRET, tokenOf } from './user-token.ts';

type Public = Database['public'];

const [ANA, BEN] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'];

let pglite: PGlite;
let db: ConsolidatedDatabaseService<Database>;
let anaToken: string;
let benToken: string;
let legacy: { side: DatabaseOperations<Public>; calls: string[] };
let consolidated: { side: DatabaseOperations<Public>; calls: string[] };

beforeAll(async () => {
  pglite = await createEmbeddedDatabase({
    migrated: true,
    sql: `insert into auth.users (id) values ('${ANA}'), ('${BEN}');
      insert into profiles (id, username, email) values ('${ANA}', 'ana', 'ana@x.y'), ('${BEN}', 'ben', 'ben@x.y')`,
  });
  db = createDatabaseService<Database>({
    embedded: { pglite },
    jwt: { secret: SECRET },
    cache: { onlyWatched: true },
  });
  [anaToken, benToken] = await Promise.all([tokenOf(ANA), tokenOf(BEN)]);
});

afterAll(async () => {
  await db.close();
  await pglite.close();
});

beforeEach(() => {
  legacy = countedSide<Public>(db);
  consolidated = countedSide<Public>(db);
});

async function open(
  flag: RolloutFlag | undefined,
  options: Partial<RolloutOptions<Public>> = {},
): Promise<Rollout<Public> & { readonly flag: MemoryFlag }> {
  const source = new MemoryFlag(flag);
  const rollout = createRollout<Public>({
    legacy: legacy.side,
    consolidated: consolidated.side,
    flag: source,
    ...options,
  });
  await rollout.ready();
  return Object.assign(rollout, { flag: source });
}

describe('where a call goes', () => {
  it('is the legacy service without a flag', async () => {
    await using rollout = await open(undefined);
    await rollout.withToken(anaToken).select('profiles');
    expect([legacy.calls, consolidated.calls]).toEqual([['select profiles'], []]);
  });

  it('is the legacy service before the flag was read', async () => {
    await using rollout = createRollout<Public>({
      ...{ legacy: legacy.side, consolidated: consolidated.side },
      flag: { read: () => new Promise(() => {}) },
    });
    await rollout.withToken(anaToken).count('profiles');
    expect(legacy.calls).toEqual(['count profiles']);
  });

  it('is the consolidated service at 100 percent, for every operation', async () => {
    await using rollout = await open({ percentage: 100 });
    const ana = rollout.withToken(anaToken);
    const trip = await ana.insert('trips', { title: 'Lisbon' });
    const filters = { id: trip.id };
    await ana.update('trips', { title: 'Porto' }, { filters });
    expect(await ana.selectOne('trips', { filters, columns: ['title'] })).toEqual({ title: 'Porto' });
    await ana.upsert('trips', { id: trip.id, title: 'Faro' }, { returning: false });
    expect(await ana.selectMaybe('trips', { filters, columns: ['title'] })).toEqual({ title: 'Faro' });
    expect(await ana.count('trips', { filters })).toBe(1);
    expect(await ana.delete('trips', { filters, returning: false })).toBe(1);
    await ana.vectorSearch('destinations', { vector: new Array<number>(16).fill(1), limit: 1 });
    expect(legacy.calls).toEqual([]);
    expect(consolidated.calls).toHaveLength(8);
  });

  it('is the same for a user each time, and another for another user', async () => {
    await using rollout = await open({ percentage: 0, allow: [ANA] });
    for (let n = 0; n < 3; n++) await rollout.withToken(anaToken).count('profiles');
    await rollout.withToken(benToken).count('profiles');
    expect([legacy.calls.length, consolidated.calls.length]).toEqual([1, 3]);
  });

  it.each<[string, RolloutFlag, 'legacy' | 'consolidated']>([
    ['the kill switch comes first', { killed: true, percentage: 100, allow: [ANA] }, 'legacy'],
    ['who is denied stays, also if allowed', { percentage: 100, allow: [ANA], deny: [ANA] }, 'legacy'],
    ['who is allowed goes', { percentage: 0, allow: [ANA] }, 'consolidated'],
    ['a rule for the table', { rules: [{ tables: ['profiles'], percentage: 100 }] }, 'consolidated'],
    ['a rule for another table', { rules: [{ tables: ['trips'], percentage: 100 }] }, 'legacy'],
    [
      'a rule for the operation and the table',
      { percentage: 100, rules: [{ operations: ['select'], tables: ['profiles'], percentage: 0 }] },
      'legacy',
    ],
    [
      'a rule for another operation',
      { percentage: 100, rules: [{ operations: ['count'], percentage: 0 }] },
      'consolidated',
    ],
    [
      'the first rule that fits',
      {
        rules: [
          { operations: ['select'], percentage: 100 },
          { tables: ['profiles'], percentage: 0 },
        ],
      },
      'consolidated',
    ],
    [
      'a rule that says nothing of the percentage',
      { percentage: 100, rules: [{ shadow: 5 }] },
      'consolidated',
    ],
  ])('%s', async (_, flag, side) => {
    await using rollout = await open(flag);
    await rollout.withToken(anaToken).select('profiles', { columns: ['id'] });
    expect({ legacy, consolidated }[side].calls).toHaveLength(1);
  });

  it('follows the flag with the next call', async () => {
    await using rollout = await open({ percentage: 100 });
    const ana = rollout.withToken(anaToken);
    await ana.count('profiles');
    rollout.flag.set({ percentage: 100, killed: true });
    await expect.poll(() => rollout.status().flag?.killed).toBe(true);
    await ana.count('profiles');
    expect([legacy.calls.length, consolidated.calls.length]).toEqual([1, 1]);
  });

  it('is the legacy service once the rollout is closed', async () => {
    const rollout = await open({ percentage: 100 });
    await rollout.close();
    await rollout.withToken(anaToken).count('profiles');
    expect([legacy.calls.length, consolidated.calls.length]).toEqual([1, 0]);
  });

  it('follows the flag also where those who are told throw', async () => {
    let isAway = true;
    const flag = {
      read: async () => {
        if (isAway) throw new Error('away');
        return { flag: { percentage: 100 }, trip: undefined };
      },
    };
    const throwing = () => {
      throw new Error('a listener');
    };
    await using rollout = await open(undefined, { flag, pollMs: 50, onWarning: throwing, onEvent: throwing });
    isAway = false;
    await expect.poll(() => rollout.status().flag?.percentage).toBe(100);
  });

  it('is what the options say while the flag cannot be read for long', async () => {
    const flag = { read: () => Promise.reject(new Error('away')) };
    await using rollout = await open(undefined, {
      ...{ flag, whenUnknown: 'consolidated', keepLastMs: 0, pollMs: 50 },
      onWarning: () => {},
    });
    await expect.poll(() => rollout.status().source).toBe('unknown');
    await rollout.withToken(anaToken).count('profiles');
    expect(consolidated.calls).toHaveLength(1);
  });
});

describe('a call', () => {
  it('acts as its caller on either side', async () => {
    for (const percentage of [0, 100]) {
      await using rollout = await open({ percentage });
      await rollout.withToken(anaToken).insert('trips', { title: 'mine' });
      expect(await rollout.withToken(benToken).count('trips')).toBe(0);
      expect(await rollout.as(anonymous()).count('trips')).toBe(0);
      expect(await rollout.as(service()).count('trips')).toBe(1);
      await rollout.as(service()).delete('trips', { all: true });
    }
  });

  it('of nobody is refused on both sides', async () => {
    for (const percentage of [0, 100]) {
      await using rollout = await open({ percentage });
      await expect(rollout.select('trips')).rejects.toMatchObject({
        code: 'IDENTITY_REQUIRED',
        statusCode: 401,
      });
      await expect(rollout.insert('trips', { title: 'x' })).rejects.toMatchObject({
        code: 'IDENTITY_REQUIRED',
      });
    }
    expect([...legacy.calls, ...consolidated.calls]).toEqual([]);
  });

  it('with a forged token is refused by the side it goes to', async () => {
    const [head, body] = anaToken.split('.');
    await using rollout = await open({ allow: [ANA] });
    await expect(rollout.withToken(`${head}.${body}.forged`).count('trips')).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
    });
    expect(consolidated.calls).toHaveLength(1);
  });

  it('fails with the error of its side, and is not sent to the other one', async () => {
    await using rollout = await open({ percentage: 100 });
    const ben = rollout.withToken(benToken);
    const taken = { id: BEN, username: 'ben', email: 'b@x.y' };
    await expect(ben.insert('profiles', taken)).rejects.toThrow(UniqueConstraintError);
    await expect(ben.count('profiles', { filters: { id: 'no uuid' } })).rejects.toThrow(ValidationError);
    expect(legacy.calls).toEqual([]);
  });

  it('is counted by operation and table', async () => {
    await using rollout = await open({ percentage: 100 });
    const ana = rollout.withToken(anaToken);
    await ana.count('profiles');
    await ana.count('profiles', { filters: { id: 'no uuid' } }).catch(() => undefined);
    expect(rollout.status().calls).toEqual([
      {
        operation: 'count',
        table: 'profiles',
        legacy: { calls: 0, faults: 0 },
        consolidated: { calls: 2, faults: 0 },
      },
    ]);
  });
});

describe('a service that may keep what the legacy one outdates', () => {
  it('is refused', async () => {
    await using careless = createDatabaseService<Database>({ embedded: { pglite } });
    const make = () =>
      createRollout<Public>({ legacy: legacy.side, consolidated: careless, flag: new MemoryFlag() });
    expect(make).toThrow(expect.objectContaining({ code: 'CACHE_NOT_GUARDED', statusCode: 500 }));
  });
});

describe('options that are wrong', () => {
  it.each<[string, Partial<Record<keyof RolloutOptions<Public> | 'flags', unknown>>, RegExp]>([
    ['an unknown one', { flags: {} }, /no option 'flags'/],
    ['a source without its method', { flag: {} }, /'flag'.*read/],
    ['a side without methods', { legacy: {} }, /'legacy'/],
    ['a slow poll', { pollMs: 5_000 }, /'pollMs'/],
    ['an unknown side', { whenUnknown: 'new' }, /'whenUnknown'/],
    ['an unknown limit', { guard: { window: 5 } }, /'guard.window'|guard/],
  ])('%s', (_, options, message) => {
    const given = {
      legacy: legacy.side,
      consolidated: consolidated.side,
      flag: new MemoryFlag(),
      ...options,
    };
    // Wrong on purpose, which the compiler would not let pass.
    expect(() => createRollout(given as unknown as RolloutOptions<Public>)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) }),
    );
  });
});
