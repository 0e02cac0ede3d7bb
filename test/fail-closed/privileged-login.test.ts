import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createDatabaseService,
  type DatabaseHandle,
  type DatabaseServiceOptions,
  fragment,
  user,
} from '../../src/index.ts';
import { quoteName, quoteText, withSession } from '../../stack/sql-session.ts';
import { ANNA, NOTES_SQL } from '../modes/plans.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const METHODS: readonly (readonly [string, (db: DatabaseHandle) => Promise<unknown>])[] = [
  ['select', (db) => db.select('notes')],
  ['count', (db) => db.count('notes')],
  ['insert', (db) => db.insert('notes', { body: 'never' })],
  ['batch', (db) => db.batch([db.build.insert('notes', { body: 'never' })])],
  ['sql', (db) => db.sql`select * from public.notes`],
];

/** What needs a connection of its own. */
const PINNED_METHODS: typeof METHODS = [
  ['explain', (db) => db.explain(fragment`select * from public.notes`)],
  ['transaction', (db) => db.transaction((tx) => tx.select('notes'))],
  [
    'stream',
    async (db) => {
      for await (const row of db.stream('notes')) return row;
      return undefined;
    },
  ],
];

/** Attributes of logins that could do more than the callers whom they serve. */
const PRIVILEGES = [
  ['may become service_role', 'noinherit in role authenticated, service_role'],
  ['bypasses row level security', 'noinherit bypassrls in role authenticated'],
] as const;

describeFullStack('in production, a login', () => {
  let database: TestDatabase;
  const made: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase({ sql: NOTES_SQL });
  });
  afterAll(async () => {
    await withSession(database.adminUrl, async ({ query }) => {
      for (const login of made) {
        await query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [login]);
        await query(`drop role ${quoteName(login)}`);
      }
    });
    await database.drop();
  });

  async function makeLogin(attributes: string): Promise<(url: string) => string> {
    const login = `cdb_test_${randomBytes(6).toString('hex')}`;
    const password = randomBytes(12).toString('hex');
    const sql = `create role ${quoteName(login)} login password ${quoteText(password)} ${attributes}`;
    await withSession(database.adminUrl, ({ query }) => query(sql));
    made.push(login);
    return (url) => {
      const own = new URL(url);
      own.username = login;
      own.password = password;
      return own.href;
    };
  }

  async function asAnna(
    options: DatabaseServiceOptions,
    use: (db: DatabaseHandle) => Promise<void>,
  ): Promise<void> {
    const { service } = database;
    await using db = createDatabaseService({ production: true, service, ...options });
    await use(db.as(user({ sub: ANNA })));
  }

  describe.each(PRIVILEGES)('that %s', (words, attributes) => {
    it.each(['direct', 'session', 'transaction'] as const)(
      'is refused by every method, in %s mode',
      async (mode) => {
        const urlFor = await makeLogin(attributes);
        const methods = mode === 'transaction' ? METHODS : [...METHODS, ...PINNED_METHODS];
        await asAnna({ [mode]: urlFor(database.user[mode]) }, async (db) => {
          for (const [name, call] of methods) {
            // Not only the first time: what was refused is never taken for what was looked at.
            for (const _ of ['once', 'again']) {
              await expect(call(db), name).rejects.toMatchObject({
                code: 'PRIVILEGED_LOGIN',
                outcome: 'not-applied',
                message: expect.stringContaining(words),
              });
            }
          }
        });
        expect(await database.query(`select 1 from notes where body = 'never'`)).toEqual([]);
      },
    );
  });

  it.each(['select on public.notes', 'select (body) on public.notes'])(
    'that was granted %s is refused',
    async (right) => {
      const direct = (await makeLogin('noinherit in role authenticated'))(database.user.direct);
      const login = quoteName(new URL(direct).username);
      await database.query(`grant ${right} to ${login}`);
      await asAnna({ direct }, async (db) => {
        await expect(db.select('notes')).rejects.toMatchObject({
          code: 'PRIVILEGED_LOGIN',
          message: expect.stringContaining('has its own rights on tables'),
        });
      });
      await database.query(`revoke ${right} from ${login}`);
    },
  );

  it('that inherits the rights of a role by the grant alone is refused', async () => {
    const direct = (await makeLogin('noinherit'))(database.user.direct);
    const login = quoteName(new URL(direct).username);
    await withSession(database.adminUrl, ({ query }) =>
      query(`grant anon, authenticated to ${login} with inherit true`),
    );
    await asAnna({ direct }, async (db) => {
      await expect(db.select('notes')).rejects.toMatchObject({
        code: 'PRIVILEGED_LOGIN',
        message: expect.stringContaining('inherits the rights of its roles'),
      });
    });
  });

  it('that is a superuser is refused by every method', async () => {
    await asAnna({ direct: database.adminUrl }, async (db) => {
      for (const [name, call] of [...METHODS, ...PINNED_METHODS]) {
        await expect(call(db), name).rejects.toMatchObject({
          code: 'PRIVILEGED_LOGIN',
          message: expect.stringContaining('is a superuser'),
        });
      }
    });
  });

  it('is refused in the one mode that has it, while the others work', async () => {
    await asAnna({ transaction: database.user.transaction, direct: database.adminUrl }, async (db) => {
      expect(await db.select('notes')).toHaveLength(2);
      await expect(db.select('notes', { mode: 'direct' })).rejects.toMatchObject({
        code: 'PRIVILEGED_LOGIN',
      });
    });
  });

  it('that may not become the role of its callers shows them nothing', async () => {
    await asAnna({ transaction: database.service.transaction }, async (db) => {
      await expect(db.select('notes')).rejects.toMatchObject({
        code: 'SET_ROLE_REFUSED',
        outcome: 'not-applied',
      });
    });
  });

  it('that the project makes is taken in every mode', async () => {
    // Most tables of a young schema have no list of rights at all, and some have had theirs taken away.
    await database.query('create table ungranted (id int); create table revoked (id int)');
    await database.query('grant select on revoked to anon; revoke all on revoked from anon, current_user');
    await asAnna(database.user, async (db) => {
      for (const mode of ['direct', 'session', 'transaction'] as const) {
        expect(await db.select('notes', { mode })).toHaveLength(2);
      }
    });
  });
});
