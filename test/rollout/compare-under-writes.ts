import {
  createDatabaseService,
  createRollout,
  type DatabaseOperations,
  op,
  type RolloutEvent,
} from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import type { TestDatabase } from '../support/full-stack.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import { MemoryFlag } from './memory-flag.ts';
import { SECRET, tokenOf } from './user-token.ts';

type Public = Database['public'];
type Operations = DatabaseOperations<Public>;

export const USERS = ['a', 'b', 'c'].map((name) => `00000000-0000-4000-8000-00000000000${name}`);
const READERS = 4;
const WRITERS = 2;
const STATUSES = ['planning', 'booked', 'cancelled'] as const;

/** For the owner: what the reads need. */
export const SQL = `
insert into auth.users (id) select id::uuid from unnest('{${USERS.join()}}'::text[]) id;
insert into profiles (id, username, email)
  select id::uuid, 'user_' || n, n || '@x.y' from unnest('{${USERS.join()}}'::text[]) with ordinality u (id, n);
insert into destinations (name, country_code, population, latitude, longitude, embedding)
  select 'town ' || n, 'PT', n % 5, n, n, (select array_agg(sin(i * n)) from generate_series(1, 16) i)::extensions.vector
  from generate_series(1, 30) n;
insert into trips (owner_id, title, budget, starts_on)
  select id::uuid, 'trip ' || n, n, date '2030-01-01' + n from unnest('{${USERS.join()}}'::text[]) id, generate_series(1, 20) n;`;

/**
 * Reads of several users, all compared, while others write to the same rows as fast as they can. Both sides are this service,
 * over connections of two kinds: whatever is found is a false difference.
 *
 * @returns what became of the comparisons, and the differences
 */
export async function compareUnderWrites(
  { user, service }: TestDatabase,
  { reads, seed }: { readonly reads: number; readonly seed: number },
) {
  const options = { jwt: { secret: SECRET }, cache: { onlyWatched: true }, onWarning: () => {} };
  await using legacy = createDatabaseService<Database>({ ...options, session: user.session, service });
  await using consolidated = createDatabaseService<Database>({
    ...options,
    transaction: user.transaction,
    service,
  });
  const differences: RolloutEvent[] = [];
  await using rollout = createRollout<Public>({
    ...{ legacy, consolidated, flag: new MemoryFlag({ shadow: 100 }) },
    shadow: { maxConcurrent: 1_000, maxPerSecond: 100_000, timeoutMs: 60_000 },
    readFunctions: ['count_trips'],
    onEvent: (event) => {
      if (event.type === 'difference') differences.push(event);
    },
  });
  await rollout.ready();
  const users = (await Promise.all(USERS.map(tokenOf))).map((token) => rollout.withToken(token));
  let left = reads;
  const reading = Array.from({ length: READERS }, async (_, n) => {
    const random = new SeededRandom(seed + n);
    while (left > 0) {
      left -= 1;
      await read(random.pick(users)!, random);
    }
  });
  const writing = Array.from({ length: WRITERS }, async (_, n) => {
    const random = new SeededRandom(seed + READERS + n);
    while (left > 0) await write(random.pick(users)!, random);
  });
  await Promise.all([...reading, ...writing]);
  const compared = () => Object.values(rollout.status().shadow).reduce((all, count) => all + count);
  while (compared() < reads) await new Promise((resolve) => setTimeout(resolve, 20));
  return { counts: rollout.status().shadow, differences };
}

function read(user: Operations, random: SeededRandom): Promise<unknown> {
  const status = random.pick(STATUSES)!;
  const kinds = [
    () => user.select('trips'),
    () => user.select('trips', { filters: { status }, orderBy: 'budget', columns: ['title'] }),
    () =>
      user.select('trips', {
        orderBy: { column: 'status', direction: 'desc' },
        limit: 7,
        columns: ['id', 'title'],
      }),
    () => user.select('trips', { orderBy: ['budget', 'id'], limit: 5, offset: 3, count: 'exact' }),
    () => user.select('trips', { limit: 3 }),
    () => user.selectMaybe('trips', { filters: { title: 'trip 1', status } }),
    () =>
      user.selectOne('profiles', {
        columns: ['username', 'created_at'],
        filters: { username: op.like('user%') },
      }),
    () => user.count('trips', { filters: { status, budget: op.gte(random.below(20)) } }),
    () => user.rpc('count_trips', { with_status: status }),
    () =>
      user.vectorSearch('destinations', {
        vector: Array.from({ length: 16 }, () => random.below(1_000) - 500),
        ...{ columns: ['name'], limit: 5 },
      }),
  ];
  // An error is an answer too, if it is the same on both sides: such as a second profile.
  return random.pick(kinds)!().catch(() => undefined);
}

async function write(user: Operations, random: SeededRandom): Promise<unknown> {
  const title = `trip ${1 + random.below(20)}`;
  switch (random.below(4)) {
    case 0:
      return user.insert('trips', { title, budget: random.below(20) }, { returning: false });
    case 1:
      return user.delete('trips', { filters: { title, budget: random.below(20) }, returning: false });
    default:
      // To and fro, which looks the same before and behind two writes.
      return user.update(
        'trips',
        { status: random.pick(STATUSES)! },
        { filters: { title }, returning: false },
      );
  }
}
