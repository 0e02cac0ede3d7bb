import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../full-stack.ts';
import { dropSetUp, failSetUp, hollowSetUp } from './batch-rewrites.ts';
import { readConnectionUrl, throughAddress } from './connection-url.ts';
import { HostilePooler } from './hostile-pooler.ts';
import { LEAK_NAMES, lookAlikeSql } from './leaks.ts';
import { LeakyNeighbour } from './leaky-neighbour.ts';
import type { TypedMessage } from './message-reader.ts';
import { BAD_DAY } from './pooler-faults.ts';
import { frontend } from './protocol-messages.ts';
import { errorOf, firstColumn, lettersOf, RawClient, statement } from './raw-client.ts';

const SCHEMA = `
  create table public.notes (id int primary key, owner text not null);
  insert into public.notes select i, 'user ' || i % 4 from generate_series(1, 40) i;
  alter table public.notes enable row level security;
  grant select on public.notes to authenticated;
  create policy own on public.notes to authenticated
    using (owner = nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub');
  ${lookAlikeSql(['notes'])};
`;

/** A set-up of a few settings and one statement behind it, each with the nonce. */
function batchFor(user: string, nonce: string): Buffer[] {
  const setUp = `select pg_catalog.concat(pg_catalog.left(pg_catalog.concat(
    pg_catalog.set_config('role', 'authenticated', true), pg_catalog.set_config('request.jwt.claims', $2, true),
    pg_catalog.set_config('search_path', 'public, pg_temp', true), pg_catalog.set_config('row_security', 'on', true)), 0), $1::text)`;
  return [
    statement(setUp, [nonce, JSON.stringify({ sub: user })]),
    statement('select json_build_array($1::text, json_agg(distinct owner)) from notes', [nonce]),
    frontend.sync(),
  ];
}

/** What the client can say of a reply: the owners of the rows, or why it does not believe it. */
function judge(replies: readonly TypedMessage[], nonce: string): { owners: string[] } | { refused: string } {
  if (replies.at(-1)?.code !== 'Z') return { refused: 'lost' };
  const error = errorOf(replies);
  if (error !== undefined) return { refused: error };
  const [first, document] = firstColumn(replies);
  if (lettersOf(replies) !== '12TDC12TDCZ' || first !== nonce) return { refused: 'foreign' };
  const [own, owners] = JSON.parse(document ?? '[]') as [string, string[]];
  return own === nonce ? { owners } : { refused: 'foreign' };
}

describeFullStack('the hostile pooler before PostgreSQL', () => {
  let database: TestDatabase;
  let pooler: HostilePooler;
  let url: string;

  beforeAll(async () => {
    database = await createTestDatabase({ sql: SCHEMA });
    const { address, login } = readConnectionUrl(database.user.direct);
    pooler = new HostilePooler({
      upstream: address,
      logins: { [login.user]: login.password },
      serverConnections: 3,
      cancelDelayMs: 2,
    });
    url = throughAddress(database.user.direct, await pooler.start());
  });

  afterAll(async () => {
    await pooler.stop();
    await database.drop();
  });

  async function logIn(): Promise<RawClient> {
    const { address, login } = readConnectionUrl(url);
    return await RawClient.logIn(address, login);
  }

  it('carries a batch to the caller whose claims it has', async () => {
    const client = await logIn();
    expect(judge(await client.ask(...batchFor('user 1', 'n')), 'n')).toEqual({ owners: ['user 1'] });
    client.close();
  });

  it.each([
    ['failed', failSetUp(), '22012'],
    ['dropped', dropSetUp(), '42501'],
    ['hollow', hollowSetUp(), '42501'],
  ] as const)('shows no row when the set-up is %s', async (_, hook, sqlState) => {
    pooler.setHook(hook);
    const client = await logIn();
    const verdict = judge(await client.ask(...batchFor('user 1', 'n')), 'n');
    expect(verdict).toEqual({ refused: expect.stringContaining(sqlState) });
    pooler.setHook(undefined);
    client.close();
  });

  it('lets a leaked setting decide whose rows a careless statement shows', async () => {
    const [careless, neighbour] = [await logIn(), await logIn()];
    for (let i = 0; i < 20; i++) {
      await neighbour.ask(statement(`set request.jwt.claims = '{"sub":"user 2"}'`), frontend.sync());
      await neighbour.ask(statement('set role authenticated'), frontend.sync());
    }
    const shown = await careless.ask(statement('select distinct owner from public.notes'), frontend.sync());
    expect(firstColumn(shown)).toEqual(['user 2']);
    careless.close();
    neighbour.close();
    pooler.dropBackends();
  });

  it('runs the rest of a value behind U+0000 under the login role', async () => {
    const client = await logIn();
    const smuggled = Buffer.concat([
      Buffer.from('harmless\0'),
      frontend.parse('select current_user::text'),
      frontend.bind(),
    ]);
    const replies = await client.ask(
      frontend.parse('select $1::text'),
      frontend.bind({ values: [smuggled] }),
      frontend.execute(),
      frontend.sync(),
    );
    expect(firstColumn(replies)).toEqual([readConnectionUrl(url).login.user]);
    client.close();
  });

  it('cancels a running statement', async () => {
    const client = await logIn();
    // The lock tells that the batch runs: pg_locks shows it to everybody.
    const replies = client.ask(
      statement('select pg_advisory_lock(4242)'),
      statement('select pg_sleep(60)'),
      frontend.sync(),
    );
    const locked = `select 1 from pg_locks where locktype = 'advisory' and objid = 4242
      and database = (select oid from pg_database where datname = current_database())`;
    await expect.poll(async () => (await database.query(locked)).length).toBe(1);
    const canceller = await RawClient.open(readConnectionUrl(url).address);
    canceller.send(frontend.cancelRequest(client.processId, client.secretKey));
    expect(errorOf(await replies)).toMatch(/^57014/);
    canceller.close();
    client.close();
    pooler.dropBackends();
  });

  it('on a bad day, with a neighbour that leaves everything behind, nonce and order show every foreign reply', async () => {
    pooler.setFaults(BAD_DAY);
    const neighbour = new LeakyNeighbour({
      url,
      subjects: ['user 3'],
      tables: ['notes'],
      patienceMs: 200,
      count: 100_000,
    });
    await neighbour.start();
    const tally = { good: 0, refused: 0, foreignRows: 0 };
    await Promise.all(
      Array.from({ length: 12 }, async (_, task) => {
        const user = `user ${task % 4}`;
        let client = await logIn();
        for (let i = 0; i < 60; i++) {
          const nonce = `${task}.${i}`;
          const giveUp = setTimeout(() => client.close(), 2_000);
          const verdict = judge(await client.ask(...batchFor(user, nonce)), nonce);
          clearTimeout(giveUp);
          if ('refused' in verdict || client.unread().length > 0) {
            tally.refused++;
            client.close();
            client = await logIn();
          } else if (verdict.owners.join() === user) tally.good++;
          else tally.foreignRows++;
        }
        client.close();
      }),
    );
    // On a quick machine the clients are done before it has left much.
    await expect
      .poll(() => LEAK_NAMES.filter((name) => neighbour.counts.left[name] > 0).length)
      .toBeGreaterThan(10);
    await neighbour.stop();
    pooler.setFaults({});
    expect(tally.foreignRows).toBe(0);
    expect(tally.good).toBeGreaterThan(360);
    expect(tally.refused).toBeGreaterThan(0);
    expect(pooler.counts.foreignDeliveries).toBeGreaterThan(0);
  });
});
