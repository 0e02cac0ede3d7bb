import { createDatabaseService, type DatabaseServiceOptions, user } from '../../../src/index.ts';
import type { Target } from '../../contender.ts';
import type { Person } from '../../notes.ts';
import type { ClientContender, SuiteClient, SuiteContender } from '../contender.ts';

/** No interface: supabase-js takes what could have further members for no table. */
type TripTableRow = {
  readonly id: number;
  readonly user_id: string;
  readonly title: string;
  readonly status: string;
  readonly budget: number | null;
  readonly starts_on: string | null;
  readonly created_at: string;
};

export interface SuiteSchema {
  public: {
    Tables: {
      bench_trips: {
        Row: TripTableRow;
        Insert: Partial<TripTableRow> & Pick<TripTableRow, 'user_id' | 'title'>;
        Update: Partial<TripTableRow>;
        Relationships: [];
      };
      bench_places: {
        Row: {
          readonly id: number;
          readonly user_id: string;
          readonly name: string;
          readonly embedding: string;
        };
        Insert: never;
        Update: never;
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: { bench_count_trips: { Args: { with_status: string }; Returns: number } };
    Enums: Record<never, never>;
    CompositeTypes: Record<never, never>;
  };
}

const COLUMNS = ['id', 'user_id', 'title', 'status', 'budget', 'starts_on', 'created_at'] as const;
const LATEST = [
  { column: 'starts_on', direction: 'desc' },
  { column: 'id', direction: 'desc' },
] as const;
const SOURCE = 'docs/guide.md';

/** Ours, through the public API: a handle for the caller, then the method, as a request handler would. */
export const consolidatedDb: ClientContender = {
  name: 'consolidated-db',
  recipe: 'db.as(user(claims)).select(…) and the other methods',
  source: SOURCE,
  open: (target) => Promise.resolve(clientOf(serviceAt(target, {}))),
};

export const namedPooled: SuiteContender = {
  name: 'named-pooled',
  recipe: 'the same with pooledStatements: ‘named’',
  source: 'docs/modes.md',
  modes: ['transaction'],
  open: (target) => Promise.resolve(clientOf(serviceAt(target, { pooledStatements: 'named' }))),
};

type Service = ReturnType<typeof serviceAt>;

function serviceAt({ url, mode, connections }: Target, options: Partial<DatabaseServiceOptions>) {
  return createDatabaseService<SuiteSchema>({
    [mode]: url,
    pools: { [mode]: { max: connections, idleTimeoutMs: 3_600_000 } },
    // The benchmark is about users. It does not matter here that the service role would share their login.
    onWarning: () => {},
    ...options,
  });
}

function clientOf(db: Service): SuiteClient {
  const as = (person: Person) => db.as(user(person.claims));
  const asRows = (row: TripTableRow) => [row];
  return {
    select: ({ person, id }) => as(person).select('bench_trips', { columns: COLUMNS, filters: { id } }),
    selectAgain: ({ person, id }) =>
      as(person).select('bench_trips', { columns: COLUMNS, filters: { id }, cache: true }),
    list: (person) => as(person).select('bench_trips', { columns: COLUMNS, orderBy: LATEST, limit: 20 }),
    insert: (person, title) => as(person).insert('bench_trips', { user_id: person.sub, title }).then(asRows),
    async bulkInsert(person, titles) {
      const rows = titles.map((title) => ({ user_id: person.sub, title }));
      return (await as(person).insert('bench_trips', rows, { returning: ['id'] })).length;
    },
    vectorSearch: (person, vector) =>
      as(person).vectorSearch('bench_places', { vector, limit: 10, columns: ['id', 'name'] }),
    rpc: (person) => as(person).rpc('bench_count_trips', { with_status: 'planning' }),
    transaction: ({ person, id }, title) =>
      as(person).transaction(async (tx) => {
        const trip = await tx.selectOne('bench_trips', { columns: COLUMNS, filters: { id } });
        await tx.update('bench_trips', { title }, { filters: { id }, expect: 1 });
        await tx.insert('bench_trips', { user_id: trip.user_id, title });
        return [trip];
      }),
    async page({ person, id, vector }) {
      const caller = as(person);
      const [trips, latest] = await caller.batch([
        db.build.select('bench_trips', { columns: COLUMNS, filters: { id } }),
        db.build.select('bench_trips', { columns: COLUMNS, orderBy: LATEST, limit: 20 }),
        db.build.count('bench_trips', { filters: { status: 'planning' } }),
        db.build.vectorSearch('bench_places', { vector, limit: 5, columns: ['id', 'name'] }),
        db.build.insert('bench_trips', { user_id: person.sub, title: 'seen' }),
      ]);
      return [...trips, ...latest];
    },
    utilization: () => Math.max(...db.getConnectionStats().map((each) => each.utilization)),
    close: () => db.close(),
  };
}

/** What the pile of old services did: for each call a service of its own, with a connection of its own. */
export const perCall: SuiteContender = {
  name: 'per-call',
  recipe: 'a service and a connection for each call, closed behind it',
  source: SOURCE,
  cases: ['select', 'select-again', 'insert', 'vector-search'],
  // It is too slow to be worth more.
  plots: ['work'],
  open: (target) => {
    const once = async <T>(work: (client: SuiteClient) => Promise<T>): Promise<T> => {
      const db = serviceAt({ ...target, connections: 1 }, {});
      try {
        return await work(clientOf(db));
      } finally {
        await db.close();
      }
    };
    return Promise.resolve<SuiteClient>({
      select: (key) => once((client) => client.select(key)),
      selectAgain: (key) => once((client) => client.select(key)),
      list: (person) => once((client) => client.list(person)),
      insert: (person, title) => once((client) => client.insert(person, title)),
      bulkInsert: (person, titles) => once((client) => client.bulkInsert(person, titles)),
      vectorSearch: (person, vector) => once((client) => client.vectorSearch(person, vector)),
      rpc: (person) => once((client) => client.rpc(person)),
      transaction: (key, title) => once((client) => client.transaction(key, title)),
      page: (question) => once((client) => client.page(question)),
      close: () => Promise.resolve(),
    });
  },
};
