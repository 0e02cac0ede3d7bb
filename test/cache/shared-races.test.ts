import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  user,
} from '../../src/index.ts';
import { SEED } from '../isolation/seed.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import { SharedStore } from '../support/shared-store.ts';

const ANN = '00000000-0000-4000-8000-00000000000a';
const ROUNDS = 120;

const SQL = `
create table projects (id int primary key, name text not null);
create table members (project_id int references projects on delete cascade, user_id uuid);
create table notes (id int primary key, project_id int references projects on delete cascade, title text);
alter table notes enable row level security;
create policy members on notes using (exists (
  select from members m where m.project_id = notes.project_id and m.user_id = (select auth.uid())));
create view titles with (security_invoker) as select id, title from notes;
grant all on projects, members, notes, titles to authenticated;
insert into projects select n, 'project ' || n from generate_series(1, 5) n;
insert into members select n, '${ANN}' from generate_series(1, 3) n;
insert into notes select n, 1 + n % 5, 'note ' || n from generate_series(1, 20) n;`;

type Ask = (db: DatabaseHandle, cache: true | undefined) => Promise<unknown>;

const QUESTIONS: readonly Ask[] = [
  (db, cache) => db.select('notes', { orderBy: 'id', cache }),
  (db, cache) => db.count('notes', { cache }),
  (db, cache) => db.select('titles', { orderBy: 'id', cache }),
  (db, cache) => db.select('projects', { orderBy: 'id', cache }),
  (db, cache) => db.selectMaybe('notes', { filters: { id: 3 }, cache }),
];

/** What one may do with the rows at hand; each changes what some of the questions answer. */
const WRITES: readonly ((db: DatabaseHandle, random: SeededRandom) => Promise<unknown>)[] = [
  (db, random) =>
    db.update('notes', { title: `at ${random.below(1e6)}` }, { filters: { id: 1 + random.below(20) } }),
  (db, random) =>
    db.update('projects', { name: `at ${random.below(1e6)}` }, { filters: { id: 1 + random.below(5) } }),
  (db, random) => db.delete('members', { filters: { project_id: 1 + random.below(5) } }),
  (db, random) => db.insert('members', { project_id: 1 + random.below(5), user_id: ANN }),
  (db, random) =>
    db.transaction(async (tx) => {
      await tx.delete('members', { filters: { project_id: 1 + random.below(5) } });
      await tx.insert('members', { project_id: 1 + random.below(5), user_id: ANN });
    }),
  (db, random) => db.sql`update notes set title = ${`by SQL ${random.below(1e6)}`} where id = 3`,
];

describeFullStack('a writer whose second level others fill at the same time', () => {
  let database: TestDatabase;
  const opened: ConsolidatedDatabaseService[] = [];
  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(async () => {
    await Promise.all(opened.map((db) => db.close()));
    await database.drop();
  });

  it(`is given what the database has after each of its writes (seed ${SEED})`, async () => {
    const random = new SeededRandom(SEED);
    const store = new SharedStore();
    const turns = async (most: number): Promise<void> => {
      for (let n = random.below(most); n > 0; n--) await new Promise(setImmediate);
    };
    store.beforeGiving = () => turns(20);
    store.beforeSet = () => turns(20);
    const encryptionKeys = [randomBytes(32)];
    const [writer, other] = [0, 1].map(() => {
      const db = createDatabaseService({
        ...database.user,
        service: database.service,
        onWarning: () => {},
        cache: { secondLevel: { store, encryptionKeys, timeoutMs: 5_000 } },
      });
      opened.push(db);
      return db;
    }) as [ConsolidatedDatabaseService, ConsolidatedDatabaseService];
    const [mine, others] = [writer, other].map((db) => db.as(user({ sub: ANN }))) as [
      DatabaseHandle,
      DatabaseHandle,
    ];
    for (let round = 0; round < ROUNDS; round++) {
      // Nothing in its memory, so that it reads from the database, now and then before the write and puts it there after it.
      if (random.chance(0.5)) other.cache.flush();
      const filling = Promise.all(QUESTIONS.map((ask) => turns(10).then(() => ask(others, true))));
      await turns(10);
      const writes = 1 + random.below(2);
      for (let n = 0; n < writes; n++) await WRITES[random.below(WRITES.length)]?.(mine, random);
      if (random.chance(0.5)) {
        await filling;
        other.cache.flush();
        await Promise.all(QUESTIONS.map((ask) => ask(others, true)));
      }
      const [asked, answers] = [QUESTIONS, await Promise.all(QUESTIONS.map((ask) => ask(mine, true)))];
      expect(answers, `round ${round}`).toEqual(await Promise.all(asked.map((ask) => ask(mine, undefined))));
      await filling;
      if (random.chance(0.5)) other.cache.invalidate({ tables: ['notes', 'projects', 'members'] });
    }
    expect(writer.cache.stats().secondLevel?.hits).toBeGreaterThan(5);
  }, 120_000);
});
