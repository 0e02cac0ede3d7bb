/** What the users of the soak do, drawn by weight: mostly cached reads, and each way to write that there is. */

import type { CacheOptions } from '../../src/consolidated/typed/cache-options.ts';
import {
  type ConsolidatedDatabaseService,
  DatabaseError,
  type DatabaseHandle,
  op,
  service,
  user,
} from '../../src/index.ts';
import type { SeededRandom } from '../support/network/seeded-random.ts';
import type { Books, Checks, Item } from './soak-books.ts';
import { ITEMS, ITEMS_OF_USER, itemOf, PAGE_ROWS, PAGES, subjectOf, USERS } from './soak-database.ts';

export interface Task {
  readonly db: ConsolidatedDatabaseService;
  readonly books: Books;
  readonly random: SeededRandom;
  readonly user: number;
  readonly process: number;
  readonly task: number;
}

type Work = (task: Task, me: DatabaseHandle) => Promise<unknown>;
export type Named = readonly [weight: number, name: string, work: Work];

const asItems = (rows: unknown): readonly Item[] => rows as readonly Item[];
const ownItem = ({ random, ...of }: Task): number =>
  itemOf(of.user, of.process, of.task, random.below(ITEMS));
const anyItem = ({ user, random }: Task): number => user * ITEMS_OF_USER + random.below(ITEMS_OF_USER);

/** All ways to ask, so that answers of one meet readers of another. */
function asked({ random }: Task): true | CacheOptions {
  const ways: readonly (true | CacheOptions)[] = [
    true,
    true,
    { ttlMs: 600_000 },
    { ttlMs: 40, swrMs: 2_000 },
    { tags: ['one'] },
    { tags: ['one', 'other'], ttlMs: 500 },
  ];
  return random.pick(ways) ?? true;
}

/** A read whose rows are all of the user. */
function ofAll(
  name: string,
  read: (me: DatabaseHandle, cache: true | CacheOptions) => Promise<unknown>,
): Work {
  return async (task, me) => {
    const checks = task.books.before(task.user);
    checks.all(asItems(await read(me, asked(task))), name);
  };
}

export const READS: readonly Named[] = [
  [20, 'select', ofAll('select', (me, cache) => me.select('items', { orderBy: 'id', cache }))],
  [6, 'view', ofAll('view', (me, cache) => me.select('own_items', { cache }))],
  [6, 'function', ofAll('function', (me, cache) => me.rpc('my_items', {}, { cache }))],
  [
    4,
    'operator',
    ofAll('operator', (me, cache) => me.select('items', { filters: { id: op.gte(0) }, cache })),
  ],
  [
    30,
    'one row',
    async (task, me) => {
      const filters = { id: anyItem(task) };
      const checks = task.books.before(task.user);
      const row = await me.selectMaybe('items', { filters, cache: asked(task) });
      if (row === null || row === undefined) task.books.fault('missing', `item ${filters.id}`);
      else checks.one(row as unknown as Item, 'one row');
    },
  ],
  [
    4,
    "another's row",
    async (task, me) => {
      const other = (task.user + 1 + task.random.below(USERS - 1)) % USERS;
      const rows = await me.select('items', { filters: { id: itemOf(other, 0, 0, 0) }, cache: asked(task) });
      if (rows.length > 0) task.books.fault('foreign', `a row of ${subjectOf(other)}`);
    },
  ],
  [
    4,
    'count',
    async (task, me) => {
      const count = await me.count('items', { cache: asked(task) });
      if (count !== ITEMS_OF_USER) task.books.fault('missing', `count says ${count}`);
    },
  ],
  [
    4,
    'who',
    async (task, me) => {
      const name = await me.rpc('who_am_i', {}, { cache: asked(task) });
      if (name !== subjectOf(task.user))
        task.books.fault('foreign', `${subjectOf(task.user)} is told ${name}`);
    },
  ],
  [
    40,
    'page',
    async (task, me) => {
      const offset = task.random.below(PAGES) * PAGE_ROWS;
      const rows = await me.select('pages', { orderBy: 'id', limit: PAGE_ROWS, offset, cache: asked(task) });
      if (rows.length !== PAGE_ROWS) task.books.fault('missing', `a page has ${rows.length} rows`);
      for (const { owner } of rows as unknown as Item[])
        if (owner !== subjectOf(task.user)) task.books.fault('foreign', `a page of ${owner}`);
    },
  ],
  [
    2,
    'the service',
    async (task) => {
      const rows = await task.db
        .as(service())
        .select('items', { orderBy: 'id', limit: 1_000, cache: asked(task) });
      if (rows.length !== USERS * ITEMS_OF_USER)
        task.books.fault('missing', `the service sees ${rows.length}`);
    },
  ],
  [
    2,
    'stream',
    async (task, me) => {
      const checks = task.books.before(task.user);
      const rows: Item[] = [];
      for await (const row of me.stream('items')) rows.push(row as unknown as Item);
      checks.all(rows, 'stream');
    },
  ],
];

interface Writing {
  readonly id: number;
  readonly version: number;
  readonly me: DatabaseHandle;
  readonly task: Task;
}

/** An older write that is still under way cannot undo a newer one. */
const older = (id: number, version: number) => ({ filters: { id, version: op.lt(version) } });
const update = (on: Pick<DatabaseHandle, 'update'>, { id, version }: Writing, options: object = {}) =>
  on.update('items', { version }, { ...older(id, version), ...options });

/** Writes the next version of an own item, and looks at once. */
function writes(write: (writing: Writing) => Promise<unknown>): Work {
  return async (task, me) => {
    const id = ownItem(task);
    const version = task.books.next(id);
    await write({ id, version, me, task });
    task.books.known(id, version);
    await look(task, me, 'after a write');
  };
}

async function look(task: Task, me: DatabaseHandle, what: string): Promise<void> {
  const checks: Checks = task.books.before(task.user);
  checks.all(asItems(await me.select('items', { orderBy: 'id', cache: true })), what);
}

const thrown = new Error('rolled back on purpose');
const rolledBack = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => {
    if (error !== thrown) throw error;
  });

export const WRITES: readonly Named[] = [
  [30, 'update', writes((writing) => update(writing.me, writing))],
  [
    12,
    'upsert',
    writes(({ id, version, me, task }) =>
      me.upsert('items', { id, owner: subjectOf(task.user), version, body: 'upserted' }),
    ),
  ],
  [
    8,
    'batch',
    writes(({ id, version, me }) =>
      me.batch([me.build.count('pages'), me.build.update('items', { version }, older(id, version))]),
    ),
  ],
  [
    4,
    'function',
    writes(({ id, version, me }) =>
      me.rpc('set_version', { item: id, to_version: version }, { writes: ['items'] }),
    ),
  ],
  [
    1,
    'function that says nothing',
    writes(({ id, version, me, task }) =>
      me.rpc(
        'set_version',
        { item: id, to_version: version },
        // It drops everything, which must be seldom for anything to be dropped for want of room.
        task.random.chance(0.1) ? {} : { writes: ['items'] },
      ),
    ),
  ],
  [
    4,
    'raw SQL',
    writes(
      ({ id, version, me }) =>
        me.sql({
          writes: ['items'],
        })`update items set version = ${version} where id = ${id} and version < ${version}`,
    ),
  ],
  [
    8,
    'key',
    writes((writing) => update(writing.me, writing, { idempotencyKey: `${writing.id}.${writing.version}` })),
  ],
  [
    8,
    'transaction',
    writes(({ me, ...writing }) =>
      me.transaction(async (tx) => {
        await update(tx, { me, ...writing });
        const row = await tx.selectOne('items', { filters: { id: writing.id }, cache: true });
        if ((row as unknown as Item).version !== writing.version)
          writing.task.books.fault('stale', 'a transaction does not see what it wrote');
      }),
    ),
  ],
  [
    3,
    'transaction with a key',
    writes((writing) =>
      writing.me.transaction((tx) => update(tx, writing), {
        idempotencyKey: `tx ${writing.id}.${writing.version}`,
      }),
    ),
  ],
  [
    4,
    'savepoint that is rolled back',
    writes((writing) =>
      writing.me.transaction(async (tx) => {
        const passing = tx.transaction(async (inner) => {
          await inner.update('items', { version: -writing.version }, { filters: { id: writing.id } });
          throw thrown;
        });
        await rolledBack(passing);
        await update(tx, writing);
      }),
    ),
  ],
  [
    4,
    'read outside of a transaction',
    writes((writing) =>
      writing.me.transaction(async (tx) => {
        await update(tx, writing);
        await writing.me.outside(() => look(writing.task, writing.me, 'outside'));
      }),
    ),
  ],
  [
    4,
    'transaction that is rolled back',
    async (task, me) => {
      const id = ownItem(task);
      const passing = me.transaction(async (tx) => {
        await tx.update('items', { version: -1 }, { filters: { id } });
        await me.outside(() => look(task, me, 'outside'));
        throw thrown;
      });
      await rolledBack(passing);
      await look(task, me, 'after a rollback');
    },
  ],
  [
    10,
    'out of time',
    async (task, me) => {
      const id = ownItem(task);
      const version = task.books.next(id);
      try {
        await update(me, { id, version, me, task }, { timeoutMs: 1 + task.random.below(4) });
        task.books.known(id, version);
      } catch (error) {
        if (!(error instanceof DatabaseError) || !['TIMEOUT', 'POOL_TIMEOUT'].includes(error.code))
          throw error;
        // Without the cache, so that it is known what others see by now.
        const row = await me.selectOne('items', { filters: { id } });
        task.books.known(id, (row as unknown as Item).version);
      }
      await look(task, me, 'after an unknown outcome');
    },
  ],
];

export function drawn(random: SeededRandom, from: readonly Named[]): Named {
  let at = random.below(from.reduce((sum, [weight]) => sum + weight, 0));
  for (const named of from) {
    at -= named[0];
    if (at < 0) return named;
  }
  throw new Error('There is no work.');
}

/** Another token each time. */
export function handleOf({ db, user: number, random }: Task): DatabaseHandle {
  return db.as(user({ sub: subjectOf(number), iat: random.below(1_000_000), tenant: number % 3 }));
}
