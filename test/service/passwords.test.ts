import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createDatabaseService,
  type DatabaseServiceOptions,
  type PasswordRequest,
  service,
  user,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';

const ME = user({ sub: '00000000-0000-4000-8000-000000000001' });
const MODES = ['direct', 'session', 'transaction'] as const;
const URL_WITHOUT = 'postgres://nobody@127.0.0.1:1/db';

/** The URL without its password, and the password. */
function split(url: string): { readonly url: string; readonly password: string } {
  const parsed = new URL(url);
  const password = decodeURIComponent(parsed.password);
  parsed.password = '';
  return { url: parsed.href, password };
}

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => expect.fail(`it answered ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

describe("the function 'password'", () => {
  it.each<[string, DatabaseServiceOptions, RegExp]>([
    [
      'beside a password in the URL',
      { direct: 'postgres://nobody:s3cret@127.0.0.1:1/db', password: () => 'other' },
      /'direct' has a password, and there is a function 'password' too/,
    ],
    ['without a URL', { embedded: true, password: () => 's3cret' }, /'password' needs a URL beside it/],
    [
      'of the service without its URL',
      { direct: URL_WITHOUT, service: { password: () => 's3cret' } },
      /'service\.password' needs a URL beside it/,
    ],
  ])('is refused %s', (_, options, message) => {
    expect(() => createDatabaseService(options)).toThrow(message);
  });

  it('that is no function is refused, without what it is', () => {
    const options = { direct: URL_WITHOUT, password: 's3cret' } as unknown as DatabaseServiceOptions;
    expect(() => createDatabaseService(options)).toThrow(
      /^The option 'password' is invalid: must be a function\.$/,
    );
  });

  it.each<[string, () => string | Promise<string>]>([
    [
      'throws',
      () => {
        throw new Error('no vault');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no vault'))],
  ])('that %s makes the call fail with its error as the cause', async (_, password) => {
    await using db = createDatabaseService({ direct: URL_WITHOUT, password });
    expect(await errorOf(db.as(ME).insert('notes', { id: 1 }))).toMatchObject({
      name: 'ConnectionError',
      code: 'PASSWORD_UNAVAILABLE',
      statusCode: 503,
      outcome: 'not-applied',
      cause: { message: 'no vault' },
    });
  });

  it('that does not answer is waited for as long as a connection is', async () => {
    const password = () => new Promise<string>(() => undefined);
    await using db = createDatabaseService({ direct: URL_WITHOUT, password, connectTimeoutMs: 50 });
    expect(await errorOf(db.as(ME).select('notes'))).toMatchObject({ code: 'PASSWORD_UNAVAILABLE' });
  });

  it.each([[''], [undefined], [7]])('that gives %j is a mistake in code', async (given) => {
    const password = (() => given) as unknown as () => string;
    await using db = createDatabaseService({ direct: URL_WITHOUT, password });
    expect(await errorOf(db.as(ME).select('notes'))).toMatchObject({
      name: 'ConfigurationError',
      statusCode: 500,
    });
  });
});

describeFullStack("the function 'password' and a server", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase({
      sql: 'create table notes (id int); insert into notes values (1); grant select on notes to authenticated, service_role',
    });
  });
  afterAll(() => database.drop());

  it.each(MODES)('gives the password of each connection, in %s mode', async (mode) => {
    const { url, password } = split(database.user[mode]);
    const asked: PasswordRequest[] = [];
    await using db = createDatabaseService({
      [mode]: url,
      password: async (request: PasswordRequest) => {
        asked.push(request);
        return password;
      },
    });
    expect(await db.as(ME).select('notes')).toEqual([{ id: 1 }]);
    expect(asked).toEqual(asked.map(() => ({ refused: false })));
    expect(asked.length).toBeGreaterThan(0);
  });

  it.each(MODES)(
    'is asked for a newer one after a refusal, and no caller notices, in %s mode',
    async (mode) => {
      const { url, password } = split(database.user[mode]);
      await using db = createDatabaseService({
        [mode]: url,
        password: ({ refused }) => (refused ? password : 'the-one-before'),
      });
      expect(await db.as(ME).select('notes')).toEqual([{ id: 1 }]);
    },
  );

  it.each<[string, number, (request: PasswordRequest) => string]>([
    ['once, if it has no other one', 1, () => 's3cret-a'],
    ['twice, if it has another one', 2, ({ refused }) => (refused ? 's3cret-b' : 's3cret-a')],
  ])('with a wrong password is tried %s', async (_, times, password) => {
    const { address } = readConnectionUrl(database.user.direct);
    const proxy = new FaultyProxy({ upstream: address });
    const { url } = split(throughAddress(database.user.direct, await proxy.start()));
    await using db = createDatabaseService({ direct: url, password });
    for (let n = 0; n < 5; n++) {
      const error = await errorOf(db.as(ME).select('notes'));
      // The breaker keeps the later calls away from a pooler that counts refusals.
      const refusal = n === 0 ? error : (error as Error).cause;
      expect(refusal).toMatchObject({ code: 'LOGIN_REFUSED' });
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('s3cret');
    }
    expect(proxy.counts.connections).toBe(times);
    await proxy.stop();
  });

  it('gives the password of the service login, and of what listens', async () => {
    const { url, password } = split(database.service.direct);
    await using db = createDatabaseService({
      direct: database.user.direct,
      service: { direct: url, password: async () => password },
    });
    const payload = Promise.withResolvers<string>();
    const subscription = await db.as(service()).listen('news', payload.resolve);
    await db.as(service()).notify('news', 'hello');
    expect(await payload.promise).toBe('hello');
    await subscription.unsubscribe();
  });
});
