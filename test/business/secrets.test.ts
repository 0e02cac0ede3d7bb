import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createApiKeys,
  createApiKeyVerifier,
  createDatabaseService,
  localAuth,
  service,
  user,
} from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import type { Database } from '../support/database.generated.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { ANA, USERS } from './two-users.ts';

const PASSWORDS = ['correct horse battery', 'another horse battery', 'wrong horse battery'];

describeFullStack('secrets', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService<Database>;
  /** All that a service and its modules tell, as text. */
  const told: string[] = [];
  const tell = (what: unknown): void =>
    void told.push(
      typeof what === 'string'
        ? what
        : `${inspect(what, { depth: 12, showHidden: true })} ${JSON.stringify(what)}`,
    );

  beforeAll(async () => {
    database = await createTestDatabase({ migrated: true, sql: USERS });
    const { user, service } = database;
    db = createDatabaseService<Database>({
      direct: user.direct,
      transaction: user.transaction,
      service: { direct: service.direct, transaction: service.transaction },
      metrics: true,
      sqlComments: true,
      slowMs: 1,
      onSlow: tell,
      onCall: tell,
      onEvent: tell,
      onWarning: tell,
      log: tell,
    });
  });
  afterAll(async () => {
    await db.close({ drainMs: 0 });
    await database.drop();
  });

  /** Every row of every table, and what the server shows of its sessions. */
  async function databaseText(): Promise<string> {
    const tables = await database.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname in ('public', 'auth', 'private', 'storage')`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      texts.push(JSON.stringify(await database.query(`select t::text from ${name} t`)));
    }
    await withSession(database.adminUrl, async ({ query }) => {
      texts.push(JSON.stringify(await query('select query from pg_stat_activity')));
    });
    return texts.join('\n');
  }

  async function failing(call: () => Promise<unknown>): Promise<void> {
    try {
      tell(await call());
      expect.fail('it answered');
    } catch (error) {
      tell(error);
    }
  }

  it('of keys and sign-in are in no log, event, metric, error or table', async () => {
    const keys = createApiKeys(db.as(user({ sub: ANA })));
    const verifier = createApiKeyVerifier(db.as(service()));
    const made = await keys.create({ name: 'ci', scopes: ['a'] });
    const next = await keys.rotate(made.record.id, { overlapMs: 60_000 });
    const shown = [made.key.reveal(), next.key.reveal()];
    for (const each of [
      made,
      next,
      await keys.list(),
      ...(await Promise.all(shown.map(verifier.verify.bind(verifier)))),
    ])
      tell(each);
    await keys.revoke(made.record.id);
    const forgetful = createApiKeyVerifier(db.as(service()), { rememberMs: 0, listen: false });
    await failing(() => forgetful.verify(shown[0]));
    await forgetful.close();
    await failing(() => verifier.verify(`${shown[1]}x`));
    await failing(() => keys.create({ name: shown[1] ?? '', scopes: [`${shown[1]} `] }));

    const [right = '', changed = '', wrong = ''] = PASSWORDS;
    const auth = localAuth({
      db: db.as(service()),
      jwt: { secret: 'a secret that signs, of thirty-two bytes' },
    });
    const email = 'eve@example.org';
    tell(await auth.register({ email, password: right }));
    await failing(() => auth.register({ email, password: right }));
    const first = await auth.login({ email, password: right });
    const second = await auth.refresh(first.refreshToken);
    tell([first.identity, second.identity]);
    await failing(() => auth.login({ email, password: wrong }));
    await failing(() => auth.login({ email: wrong, password: right }));
    await failing(() =>
      auth.login({ email, password: right, address: { password: wrong } as unknown as string }),
    );
    await auth.changePassword({ email, password: right, newPassword: changed });
    await failing(() => auth.refresh(second.refreshToken));

    await database.query('alter function public.find_api_key rename to away');
    await database.query('alter table public.sign_in_passwords rename to away');
    await failing(() => createApiKeyVerifier(db.as(service())).verify(shown[1]));
    await failing(() => auth.login({ email, password: changed }));
    await verifier.close();
    tell(verifier.stats());
    tell((await db.metrics()).body);
    tell([db.getRecentFailures(), db.getQueryMetrics()]);

    const all = [...told, await databaseText()].join('\n');
    expect(all).toContain(made.record.key_prefix);
    const secrets = [
      ...shown.map((key) => key.slice(13, 56)),
      ...PASSWORDS,
      ...[first, second].flatMap(({ accessToken, refreshToken }) => [
        accessToken.slice(accessToken.lastIndexOf('.') + 1),
        refreshToken.slice(refreshToken.indexOf('.') + 1),
      ]),
    ];
    expect(secrets.filter((secret) => secret.length < 16 || all.includes(secret))).toEqual([]);
  });
});
