import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabaseService, type DatabaseServiceOptions, user } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';

/** For those whose answer must come, on a machine that is busy too. */
const PATIENT = { timeoutMs: 10_000 };
const ME = user({ sub: '00000000-0000-4000-8000-000000000001' });

describeFullStack('healthCheck', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `create function nap(s float8) returns int language sql volatile as 'select 1 from pg_sleep(s)'`,
    });
  });
  afterAll(() => database.drop());

  function service(options: Partial<DatabaseServiceOptions>) {
    return createDatabaseService({ onWarning: () => {}, connectTimeoutMs: 1_000, ...options });
  }

  /** A proxy before one of the modes, and the service behind it. */
  async function behindProxy(options: Partial<DatabaseServiceOptions> = {}) {
    const proxy = new FaultyProxy({ upstream: readConnectionUrl(database.user.session).address });
    const session = throughAddress(database.user.session, await proxy.start());
    const db = service({ ...database.user, session, ...options });
    return {
      proxy,
      db,
      async [Symbol.asyncDispose]() {
        await db.close({ drainMs: 0 });
        await proxy.stop();
      },
    };
  }

  it('is ok where each mode of each login answers, and says what it found', async () => {
    await using db = service({ ...database.user, service: database.service });
    const { status, modes, at } = await db.healthCheck(PATIENT);
    expect(status).toBe('ok');
    expect(modes.map(({ mode, login }) => `${login} ${mode}`).sort()).toEqual([
      'service direct',
      'service session',
      'service transaction',
      'users direct',
      'users session',
      'users transaction',
    ]);
    for (const mode of modes) {
      expect(mode).toMatchObject({
        status: 'ok',
        breaker: 'closed',
        loginChecked: true,
        errorCode: undefined,
      });
      expect(mode.serverVersion).toMatch(/^\d+\.\d+/);
      expect(mode.latencyMs).toBeGreaterThan(0);
    }
    expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
  });

  it('is degraded where one of several modes does not answer, in the time that it was given', async () => {
    await using scene = await behindProxy();
    expect((await scene.db.healthCheck(PATIENT)).status).toBe('ok');
    scene.proxy.blackHole();
    const { status, modes } = await scene.db.healthCheck({ timeoutMs: 3_000 });
    expect(status).toBe('degraded');
    expect(modes.map(({ mode, status: of, errorCode }) => [mode, of, errorCode])).toEqual([
      ['direct', 'ok', undefined],
      ['session', 'down', 'TIMEOUT'],
      ['transaction', 'ok', undefined],
    ]);
  });

  it('is down where none of them answers, and rejects for none of it', async () => {
    await using scene = await behindProxy({ direct: undefined, transaction: undefined });
    await scene.proxy.stop();
    const { status, modes } = await scene.db.healthCheck();
    expect([status, modes[0]?.status, modes[0]?.latencyMs]).toEqual(['down', 'down', undefined]);
    expect(modes[0]?.errorCode).toMatch(/CONNECT/);
  });

  it('is degraded, not down, where calls have all connections', async () => {
    await using db = service({ direct: database.user.direct, pools: { direct: { max: 1 } } });
    await db.as(ME).rpc('nap', { s: 0 });
    const busy = db.as(ME).rpc('nap', { s: 1 });
    const { modes } = await db.healthCheck({ timeoutMs: 200 });
    expect(modes).toMatchObject([{ status: 'degraded', errorCode: 'TIMEOUT' }]);
    await busy;
  });

  it('is down for a mode whose login is refused', async () => {
    const url = new URL(database.user.direct);
    url.password = 'wrong';
    await using db = service({ direct: url.href, transaction: database.user.transaction });
    const { status, modes } = await db.healthCheck(PATIENT);
    expect(status).toBe('degraded');
    expect(modes[0]).toMatchObject({ status: 'down', errorCode: 'LOGIN_REFUSED', loginChecked: false });
  });

  it('is one check for all who ask at the same time', async () => {
    await using db = service({ direct: database.user.direct });
    const [one, other] = await Promise.all([db.healthCheck(), db.healthCheck()]);
    expect(one).toBe(other);
    expect(await db.healthCheck()).not.toBe(one);
  });

  it.each([
    ['an unknown option', { timeout: 1 }],
    ['no time', { timeoutMs: 0 }],
    ['text', { timeoutMs: '1' }],
  ])('refuses %s', async (_, options) => {
    await using db = service({ direct: database.user.direct });
    await expect(db.healthCheck(options as never)).rejects.toMatchObject({ name: 'UsageError' });
  });
});
