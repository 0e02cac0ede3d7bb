import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openChannelConnection } from '../../src/consolidated/notifications/channel-connection.ts';
import { systemClock } from '../../src/contract/clock.ts';
import { parseConnectionUrl } from '../../src/modes/socket/connection-settings.ts';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { LoopbackServer } from '../support/network/loopback-server.ts';
import { CERTIFICATE, TlsFront } from '../support/network/tls-front.ts';

const TLS = { ca: CERTIFICATE };

async function open(url: URL | string, { tls = {}, connectTimeoutMs = 20_000 } = {}) {
  const settings = parseConnectionUrl('direct', String(url), 'cdb', tls);
  const heard: string[] = [];
  let ends = 0;
  const connection = await openChannelConnection(settings, {
    channel: 'the "channel"',
    password: settings.password,
    clock: systemClock,
    connectTimeoutMs,
    heard: (payload) => void heard.push(payload),
    ended: () => {
      ends += 1;
    },
  });
  onTestFinished(() => connection.destroy());
  return { connection, heard, ends: () => ends };
}

describe('opening a session that listens', () => {
  async function serverThat(acts: ConstructorParameters<typeof LoopbackServer>[0]): Promise<string> {
    const server = new LoopbackServer(acts);
    onTestFinished(() => server.stop());
    const { port } = await server.start();
    return `postgres://me:secret@127.0.0.1:${port}/db`;
  }

  it('gives up on a server that says nothing', async () => {
    const url = await serverThat(() => {});
    await expect(open(url, { connectTimeoutMs: 50 })).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT' });
    const encrypted = open(`${url}?sslmode=require`, { connectTimeoutMs: 50 });
    await expect(encrypted).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT' });
  });

  it('fails where the server ends it, at once or when it has read something', async () => {
    for (const url of [
      await serverThat((client) => client.destroy()),
      await serverThat((client) => client.once('data', () => client.end())),
    ]) {
      for (const ssl of ['disable', 'require']) {
        const opening = open(`${url}?sslmode=${ssl}`);
        await expect(opening).rejects.toMatchObject({ code: 'CONNECT_FAILED', outcome: 'not-applied' });
      }
    }
  });

  it('fails where nothing accepts it, without the password', async () => {
    const error = await open('postgres://me:secret@127.0.0.1:1/db').catch((failed: Error) => failed);
    expect(error).toMatchObject({ code: 'CONNECT_FAILED' });
    expect(`${error} ${JSON.stringify(error)}`).not.toContain('secret');
  });

  it.each([
    ['a server without TLS', 'N'],
    ['the words of one who speaks before the encryption', 'SE'],
  ])('refuses %s', async (_what, answer) => {
    const url = await serverThat((client) => client.once('data', () => client.write(answer)));
    await expect(open(`${url}?sslmode=require`)).rejects.toMatchObject({ code: 'TLS_NOT_OFFERED' });
  });
});

describeFullStack('a session that listens', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const notify = (payload: string) => database.query('select pg_notify($1, $2)', ['the "channel"', payload]);
  async function encrypted(host: string): Promise<URL> {
    const url = new URL(database.service.direct);
    const front = new TlsFront({ host: url.hostname, port: Number(url.port) });
    onTestFinished(() => front.stop());
    url.port = String((await front.start()).port);
    url.hostname = host;
    return url;
  }

  it('hears its channel alone, and says that it listens', async () => {
    const { connection, heard, ends } = await open(database.service.direct);
    await database.query(`select pg_notify('the channel', 'no')`);
    await notify('one');
    await notify('🙂');
    await vi.waitFor(() => expect(heard).toEqual(['one', '🙂']), { timeout: 20_000 });
    expect(await connection.stillListens()).toBe(true);
    await connection.close();
    expect(ends()).toBe(0);
  });

  it.each(['localhost', '127.0.0.1'])('is encrypted, to %s', async (host) => {
    const { connection, heard } = await open(await encrypted(host), { tls: TLS });
    await notify('secretly');
    await vi.waitFor(() => expect(heard).toEqual(['secretly']), { timeout: 20_000 });
    await connection.close();
  });

  it('refuses a certificate that nobody known has signed', async () => {
    const url = await encrypted('localhost');
    url.searchParams.set('sslmode', 'require');
    await expect(open(url)).rejects.toMatchObject({ code: 'TLS_UNKNOWN_CA' });
  });

  it('tells a refused login as one', async () => {
    const url = new URL(database.service.direct);
    url.password = 'wrong';
    await expect(open(url)).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
  });

  it.each(['plain', 'encrypted'])('rejects a question beneath which it is destroyed, %s', async (how) => {
    const url = how === 'plain' ? database.service.direct : await encrypted('localhost');
    const { connection, ends } = await open(url, how === 'plain' ? {} : { tls: TLS });
    const asked = connection.stillListens();
    connection.destroy();
    await expect(asked).rejects.toThrow();
    await expect(connection.stillListens()).rejects.toThrow();
    expect(ends()).toBe(0);
  });

  it('tells of its end by the server, once, and rejects the question', async () => {
    const { connection, ends } = await open(database.service.direct);
    const asked = connection.stillListens().catch((error: Error) => error);
    await asked;
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
         and query like '%pg_listening_channels%'`,
    );
    await vi.waitFor(() => expect(ends()).toBe(1), { timeout: 20_000 });
    await expect(connection.stillListens()).rejects.toThrow();
    await connection.close();
    expect(ends()).toBe(1);
  });

  it('says that it does not listen where a pooler has given it another server', async () => {
    const { connection } = await open(database.service.transaction);
    expect(await connection.stillListens()).toBe(true);
    // It takes the only idle server of the pool, and holds it.
    await withSession(database.service.transaction, async ({ query }) => {
      await query('begin');
      await query('select 1');
      expect(await connection.stillListens()).toBe(false);
      await query('commit');
    });
  });
});
