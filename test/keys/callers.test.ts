/** Whose key it is: the same text of another caller is another key, and nobody reaches that of somebody else. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { anonymous, service, user } from '../../src/index.ts';
import { describeEveryMode, MODES, refusalOf } from '../truth/every-mode.ts';
import { ALICE, alice, BOB, bob, KEYED_JOURNAL, notesIn, serviceOf } from './journal.ts';

const HOSTILE = [
  "o'hara",
  '"; drop table journal; --',
  '$1::text',
  "\\'); select 1; --",
  '🛟 日本 é é',
  '{"a":1}',
  'k'.repeat(255),
  '🛟'.repeat(255),
  ' ',
];

describeEveryMode('an idempotency key', KEYED_JOURNAL, (modes) => {
  it.for(MODES)(
    'is one of its caller: of another subject or role it is another, in %s mode',
    async (mode) => {
      await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
      await using db = serviceOf(modes, mode);
      const write = (identity: Parameters<typeof db.as>[0], owner: string, note: string) =>
        db.as(identity).insert('journal', { owner, note }, { idempotencyKey: 'shared' });
      const first = await write(alice, ALICE, 'of alice');
      const second = await write(bob, BOB, 'of bob');
      const third = await write(service(), ALICE, 'of the service');
      expect([first, second, third].map((row) => row.note)).toEqual(['of alice', 'of bob', 'of the service']);
      expect(await write(alice, ALICE, 'of alice')).toStrictEqual(first);
      expect(await write(bob, BOB, 'of bob')).toStrictEqual(second);
      expect(await write(service(), ALICE, 'of the service')).toStrictEqual(third);
      expect(await notesIn(modes, mode)).toEqual(['of alice', 'of bob', 'of the service']);
    },
  );

  it.for(MODES)('is not free for texts that only look like it, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    // Parts that make one text if they are joined, and claims that another reader may take for others.
    const subjects = ['a', 'a","b', 'a\\', "a'", 'ä'];
    for (const sub of subjects) {
      await db.as(user({ sub })).sql({ idempotencyKey: 'b' })`update counters set n = n + 1 where id = ${1}`;
    }
    await db
      .as(user({ sub: 'a' }))
      .sql({ idempotencyKey: 'b' })`update counters set n = n + 1 where id = ${1}`;
    expect(
      await modes.query(
        mode,
        "select count(*)::int as n from cdb.idempotency_keys where subject = any (array['a', 'a\",\"b', E'a\\\\', 'a''', 'ä'])",
      ),
    ).toEqual([{ n: subjects.length }]);
  });

  it.for(MODES)('may be any text, and is stored as none, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    for (const [index, idempotencyKey] of HOSTILE.entries()) {
      const write = () => db.as(alice).insert('journal', { note: `note ${index}` }, { idempotencyKey });
      expect(await write()).toStrictEqual(await write());
    }
    expect(await notesIn(modes, mode)).toEqual(HOSTILE.map((_, index) => `note ${index}`));
    const [kept] = await modes.query<{ all: string }>(
      mode,
      'select string_agg(k::text, $$\n$$) as all from cdb.idempotency_keys k',
    );
    expect(kept?.all).not.toMatch(/o'hara|drop table|kkkk|🛟/);
  });

  it.for(MODES)('is refused to who has no subject, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    for (const identity of [anonymous(), user({}), user({ sub: '' }), user({ role: 'anon', sub: ALICE })]) {
      const error = await refusalOf(() =>
        db.as(identity).insert('journal', { note: 'x' }, { idempotencyKey: 'k' }),
      );
      expect(error).toMatchObject({
        name: 'AuthenticationError',
        statusCode: 401,
        code: 'IDEMPOTENCY_KEY_WITHOUT_SUBJECT',
        outcome: 'not-applied',
      });
    }
    expect(await notesIn(modes, mode)).toEqual([]);
  });

  it.for(MODES)(
    'leaves it to the policies what is written, and is free after a refusal, in %s mode',
    async (mode) => {
      await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
      await using db = serviceOf(modes, mode);
      const write = (owner: string, note: string) =>
        db.as(alice).insert('journal', { owner, note }, { idempotencyKey: 'policy' });
      await expect(write(BOB, 'for bob')).rejects.toMatchObject({
        name: 'AuthorizationError',
        outcome: 'not-applied',
      });
      await write(ALICE, 'for alice');
      expect(await notesIn(modes, mode)).toEqual(['for alice']);
    },
  );
});

describeEveryMode('an idempotency key of a role that the options add', KEYED_JOURNAL, (modes) => {
  // Embedded alone: on a server a role belongs to all databases.
  it('needs the grants of the page about security, and is another one than that of the same subject', async () => {
    await modes.query(
      'embedded',
      'create role editor; grant usage on schema public to editor; grant all on journal to editor',
    );
    await modes.query('embedded', 'create policy every on journal to editor using (true) with check (true)');
    await using db = serviceOf(modes, 'embedded', { roles: ['editor'] });
    const write = (role: string) =>
      db.as(user({ sub: ALICE, role })).insert('journal', { note: `as ${role}` }, { idempotencyKey: 'k' });
    await expect(write('editor')).rejects.toMatchObject({ sqlState: '42501', outcome: 'not-applied' });
    const page = await readFile('docs/security.md', 'utf8');
    const grants = /```sql\n(grant usage on schema cdb[^`]*)```/.exec(page)?.[1] ?? '';
    expect(grants).toContain('execute');
    await modes.query('embedded', grants);
    const first = await write('editor');
    expect(await write('authenticated')).toMatchObject({ note: 'as authenticated' });
    expect(await write('editor')).toStrictEqual(first);
    expect(await notesIn(modes, 'embedded')).toEqual(['as editor', 'as authenticated']);
  });
});

describeEveryMode('the functions of cdb', KEYED_JOURNAL, (modes) => {
  it.for(MODES)('tell a caller nothing of another one, in %s mode', async (mode) => {
    await using db = serviceOf(modes, mode);
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await db.as(alice).insert('journal', { note: 'secret of alice' }, { idempotencyKey: 'private' });
    const [{ fingerprint, shape } = { fingerprint: '', shape: '' }] = await modes.query<{
      fingerprint: string;
      shape: string;
    }>(mode, `select fingerprint, shape from cdb.idempotency_keys where subject = '${ALICE}'`);
    const asBob = db.as(bob);
    const document = db.as(alice).sql<{
      d: string;
    }>`select cdb.kept_result('private', ${fingerprint}, ${shape}, 1, 'n') as d`;
    expect(JSON.stringify(await document)).toContain('secret of alice');
    for (const attempt of [
      () => asBob.sql`select cdb.kept_result('private', ${fingerprint}, ${shape}, 1, 'n')`,
      () => asBob.sql`select cdb.keep_result('private', '["forged"]', 'n')`,
      () => db.as(anonymous()).sql`select cdb.kept_result('private', ${fingerprint}, ${shape}, 1, 'n')`,
      () => db.as(anonymous()).sql`select cdb.claim_key('private', 'f', 's', 1)`,
      () => asBob.sql`select * from cdb.idempotency_keys`,
      () => asBob.sql`select * from cdb.schema_versions`,
      () => asBob.sql`delete from cdb.idempotency_keys`,
      () => asBob.sql`insert into cdb.idempotency_keys (id) values ('x')`,
      () => asBob.sql`update cdb.idempotency_keys set results = '{}'`,
      () => asBob.sql`select cdb.key_id('private')`,
      () => asBob.sql`select cdb.key_subject()`,
      () => asBob.rpc('kept_result', { given_key: 'private' }),
      () => asBob.rpc('claim_key', { given_key: 'private' }),
    ]) {
      const error = await refusalOf(attempt);
      expect(String(error)).not.toContain('secret of alice');
    }
    // What a caller does to the key of its own does not touch that of another.
    await asBob.sql`select cdb.claim_key('private', 'f', 's', 100000)`;
    expect(await document).toEqual(await document);
    expect(
      await db.as(alice).insert('journal', { note: 'secret of alice' }, { idempotencyKey: 'private' }),
    ).toMatchObject({ note: 'secret of alice' });
    expect(await notesIn(modes, mode)).toEqual(['secret of alice']);
  });

  it.for(MODES)('forge nothing that was kept before, in %s mode', async (mode) => {
    await using db = serviceOf(modes, mode);
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    const write = () => db.as(alice).insert('journal', { note: 'true' }, { idempotencyKey: 'own' });
    const first = await write();
    // Her own code cannot put another result in its place either: it is not claimed in that transaction.
    await expect(db.as(alice).sql`select cdb.keep_result('own', '["forged"]', 'n')`).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_NOT_CLAIMED',
    });
    // And what is claimed without a write is used up for that write, not an answer to it.
    await db.as(alice).sql`select cdb.claim_key('other', 'f', 's', 100000)`;
    await expect(
      db.as(alice).insert('journal', { note: 'more' }, { idempotencyKey: 'other' }),
    ).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await write()).toStrictEqual(first);
    expect(await notesIn(modes, mode)).toEqual(['true']);
  });
});
