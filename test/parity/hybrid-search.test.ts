import { expect, it } from 'vitest';
import { type DatabaseHandle, type Identity, op, service, user } from '../../src/index.ts';
import { describeFourModes } from './four-modes.ts';

const ANA = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';

/** Ben's rows are the nearest and the most relevant of all; ana's are every tenth. */
const SQL = `
  create table letters (
    id int primary key, owner uuid not null, folder int not null, body text not null,
    words tsvector generated always as (to_tsvector('english', body)) stored, at extensions.vector(3)
  );
  insert into letters (id, owner, folder, body, at)
  select i, case when i % 10 = 0 then '${ANA}'::uuid else '${BEN}'::uuid end, i % 3,
    case when i % 10 = 0 then case when i % 20 = 0 then 'a boat and more' else 'a house' end else 'boat boat boat' end,
    case when i % 10 = 0 then format('[%s,%s,0]', 1000 + i, i % 7) else format('[0,0,%s]', i) end::extensions.vector
  from generate_series(1, 1000) i;
  alter table letters enable row level security;
  create policy own on letters to authenticated using (owner = auth.uid());
  create index on letters using gin (words);
  grant select on letters to authenticated;
  grant all on letters to service_role;
  create table indexed (like letters including all);
  insert into indexed (id, owner, folder, body, at) select id, owner, folder, body, at from letters;
  alter table indexed enable row level security;
  create policy own on indexed to authenticated using (owner = auth.uid());
  create index on indexed using hnsw (at extensions.vector_l2_ops);
  grant select on indexed to authenticated;
  analyze letters, indexed;
`;

const ana = user({ sub: ANA });
/** By a metric and whole numbers of which every processor makes the same distance. */
const near = { vector: [0, 0, 0], metric: 'l2', columns: ['id', 'owner', 'folder'] } as const;
const search = { ...near, text: 'boat' };

interface Letter {
  readonly id: number;
  readonly owner: string;
  readonly folder: number;
  readonly score: number;
  readonly similarity: number;
  readonly textRank: number | null;
}

describeFourModes('a hybrid search answers alike in every mode', SQL, (modes) => {
  const letters = async (run: (db: DatabaseHandle) => Promise<unknown>, identity: Identity = ana) =>
    (await modes.alike(run, { identity })) as readonly Letter[];

  it('with rows of the caller only, whichever list finds them, and as many as there are', async () => {
    const found = await letters((db) => db.hybridSearch('letters', { ...search, limit: 500 }));
    expect(found).toHaveLength(100);
    expect(new Set(found.map(({ owner }) => owner))).toEqual(new Set([ANA]));
    expect(found.filter(({ textRank }) => textRank !== null)).toHaveLength(50);
    const scores = found.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it.each(['direct', 'session', 'transaction', 'embedded'] as const)(
    'with rows of the caller only behind an index of the vectors, in %s mode',
    async (mode) => {
      const db = modes.service(mode).as(ana);
      for (const limit of [1, 10, 100]) {
        const found = (await db.hybridSearch('indexed', {
          ...search,
          limit,
        })) as unknown as readonly Letter[];
        expect(found).toHaveLength(limit);
        expect(found.every(({ owner }) => owner === ANA)).toBe(true);
        const scores = found.map(({ score }) => score);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
      }
    },
  );

  it('told how, before and after it is learned, in a batch too', async () => {
    const found = await modes.alike(
      async (db) => {
        const asked = { ...search, limit: 3, columns: ['id'], info: true } as const;
        const alone = [
          await db.hybridSearch('indexed', asked),
          await db.hybridSearch('indexed', asked),
          await db.hybridSearch('indexed', { ...asked, recall: 'exact' }),
        ];
        const [beside] = await db.batch([db.build.hybridSearch('indexed', asked), db.build.count('indexed')]);
        const none = await db.hybridSearch('indexed', { ...asked, filters: { folder: 77 } });
        return [...alone, beside, none].map(({ rows, search: { plan, recallClass } }) => [
          rows.map(({ id }) => id),
          plan,
          recallClass,
        ]);
      },
      { identity: ana },
    );
    const told = [[20, 40, 60], 'exact', 'exact'];
    expect(found).toEqual([told, told, told, told, [[], 'exact', 'exact']]);
  });

  it('with rows of everybody for whom no policy holds', async () => {
    const found = await letters((db) => db.hybridSearch('letters', search), service());
    expect(found).toHaveLength(10);
    expect(new Set(found.map(({ owner }) => owner))).toEqual(new Set([BEN]));
  });

  it('under a filter, by which both lists are shortened', async () => {
    const found = await letters((db) =>
      db.hybridSearch('letters', { ...search, filters: { folder: op.in([1]) }, limit: 100, candidates: 100 }),
    );
    expect(found).toHaveLength(34);
    expect(new Set(found.map(({ folder }) => folder))).toEqual(new Set([1]));
    expect(found.filter(({ textRank }) => textRank !== null)).toHaveLength(17);
  });

  it('by its text alone, and by its vector alone', async () => {
    const byText = await letters((db) => db.hybridSearch('letters', { ...search, weights: { vector: 0 } }));
    expect(byText.map(({ id }) => id)).toEqual([20, 40, 60, 80, 100, 120, 140, 160, 180, 200]);
    const byVector = await letters((db) => db.hybridSearch('letters', { ...search, weights: { text: 0 } }));
    const nearest = await letters((db) => db.vectorSearch('letters', { ...near, exact: true }));
    expect(byVector.map(({ id, similarity }) => [id, similarity])).toEqual(
      nearest.map(({ id, similarity }) => [id, similarity]),
    );
  });

  it.each(['', 'the', '!? "', 'ünbekannt', "'; drop table letters; --"])('for the text %j', async (text) => {
    const found = await letters((db) => db.hybridSearch('letters', { ...search, text, limit: 3 }));
    expect(found.map(({ id, textRank }) => [id, textRank])).toEqual([
      [10, null],
      [20, null],
      [30, null],
    ]);
  });

  it('built, in a batch, beside another search', async () => {
    const [hybrid, count, again] = (await modes.alike(
      (db) =>
        db.batch([
          db.build.hybridSearch('letters', { ...search, limit: 3 }),
          db.build.count('letters'),
          db.build.hybridSearch('letters', { ...search, text: 'house', limit: 3, candidates: 300 }),
        ]),
      { identity: ana },
    )) as [readonly Letter[], number, readonly Letter[]];
    expect(count).toBe(100);
    expect(hybrid).toEqual(await letters((db) => db.hybridSearch('letters', { ...search, limit: 3 })));
    expect(again).toHaveLength(3);
    expect(again).not.toEqual(hybrid);
  });

  it('cached, as what it reads is known', async () => {
    const kept = await modes.alike(
      async (db) => {
        const ask = (text: string) => db.hybridSearch('letters', { ...search, text, cache: true });
        const first = await ask('boat');
        return [first, (await ask('boat')) === first, (await ask('house')) === (first as unknown)];
      },
      { identity: ana },
    );
    expect(kept).toEqual([await letters((db) => db.hybridSearch('letters', search)), true, false]);
  });

  it('inside a transaction, which sees what it has written', async () => {
    const found = await modes.alike(
      (db) =>
        db.transaction(async (tx) => {
          await tx.insert('letters', {
            id: 2000,
            owner: ANA,
            folder: 9,
            body: 'boat boat boat boat',
            at: [0, 0, 0],
          });
          const [first] = await tx.hybridSearch('letters', { ...search, limit: 1 });
          await tx.delete('letters', { filters: { id: 2000 } });
          return first;
        }),
      { identity: service(), modes: ['direct', 'session', 'embedded'] },
    );
    expect(found).toMatchObject({ score: expect.any(Number), similarity: 1 });
  });
});
