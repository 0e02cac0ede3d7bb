import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createApiKeys,
  createApiKeyVerifier,
  createDatabaseService,
  service,
  user,
} from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';
import { ANA, USERS } from './two-users.ts';

interface Try {
  readonly beganAt: number;
  readonly refusal?: string;
  readonly isListening: boolean;
}

const WAIT = { timeout: 30_000, interval: 10 };

describeFullStack('a key that is revoked', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService<Database>;
  let proxy: FaultyProxy;
  let listenUrl: string;
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: true, sql: USERS });
    const { user, service } = database;
    db = createDatabaseService<Database>({ direct: user.direct, service: { direct: service.direct } });
  });
  afterAll(async () => {
    await db.close({ drainMs: 0 });
    await database.drop();
  });
  beforeEach(async () => {
    await database.query('truncate public.api_keys');
    proxy = new FaultyProxy({ upstream: readConnectionUrl(database.service.direct).address });
    listenUrl = throughAddress(database.service.direct, await proxy.start());
    onTestFinished(() => proxy.stop());
  });

  const keys = () => createApiKeys(db.as(user({ sub: ANA })));

  it.each<[string, (proxy: FaultyProxy) => void]>([
    ['that hears of it', () => {}],
    [
      'whose listening connection was cut',
      (proxy) => {
        proxy.hangUp();
        proxy.resetAll();
      },
    ],
    ['whose listening connection is silent', (proxy) => proxy.blackHole()],
  ])('is accepted by no other process a second later, not by one %s', async (_which, strike) => {
    const { key, record } = await keys().create({ name: 'ci' });
    const script = fileURLToPath(new URL('./verifying-process.ts', import.meta.url));
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      env: {
        PATH: process.env.PATH,
        CDB_USER_URL: database.user.transaction,
        CDB_SERVICE_URL: database.service.transaction,
        CDB_LISTEN_URL: listenUrl,
        CDB_KEY: key.reveal(),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const tries: Try[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => tries.push(JSON.parse(line) as Try));
    await vi.waitFor(
      () => expect(tries.at(-1)).toEqual({ beganAt: expect.any(Number), isListening: true }),
      WAIT,
    );
    strike(proxy);
    await keys().revoke(record.id);
    const revokedAt = Date.now();
    await vi.waitFor(() => expect(tries.at(-1)?.beganAt).toBeGreaterThan(revokedAt + 1_500), WAIT);
    const accepted = tries.filter(({ refusal }) => refusal === undefined);
    expect(tries.at(-1)?.refusal).toBe('API_KEY_INVALID');
    expect(Math.max(...accepted.map(({ beganAt }) => beganAt))).toBeLessThanOrEqual(revokedAt + 1_000);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['was revoked', (id) => keys().revoke(id)],
    ['was removed', (id) => keys().remove(id)],
    ['was replaced', (id) => keys().rotate(id)],
    ['has lost its user', () => database.query(`delete from auth.users where id = '${ANA}'; ${USERS}`)],
  ])('is refused as soon as it is heard that it %s', async (_what, end) => {
    // Time stands still, so that nothing is forgotten by itself.
    await using verifier = createApiKeyVerifier(db.as(service()), { clock: new FakeClock() });
    const { key, record } = await keys().create({ name: 'ci' });
    await verifier.verify(key.reveal());
    await vi.waitFor(() => expect(verifier.stats().isListening).toBe(true), WAIT);
    await verifier.verify(key.reveal());
    const { lookups } = verifier.stats();
    for (let n = 0; n < 100; n++) await verifier.verify(key.reveal());
    expect(verifier.stats().lookups).toBe(lookups);
    await end(record.id);
    await vi.waitFor(
      () => expect(verifier.verify(key.reveal())).rejects.toMatchObject({ code: 'API_KEY_INVALID' }),
      WAIT,
    );
  });

  it('is refused a second later where nothing can be heard', async () => {
    const clock = new FakeClock();
    const { user, service: own } = database;
    await using deaf = createDatabaseService<Database>({
      transaction: user.transaction,
      service: { transaction: own.transaction },
    });
    await using verifier = createApiKeyVerifier(deaf.as(service()), { clock });
    const { key, record } = await keys().create({ name: 'ci' });
    await verifier.verify(key.reveal());
    await keys().revoke(record.id);
    await clock.advance(999);
    await verifier.verify(key.reveal());
    await clock.advance(1);
    await expect(verifier.verify(key.reveal())).rejects.toMatchObject({ code: 'API_KEY_INVALID' });
    expect(verifier.stats()).toMatchObject({ isListening: false, lookups: 2, refused: 1, keys: 0 });
  });

  it('is refused once it has expired, also while it is remembered', async () => {
    const clock = new FakeClock();
    const verifier = createApiKeyVerifier(db.as(service()), { clock, listen: false });
    onTestFinished(() => verifier.close());
    const expiresAt = new Date(clock.wallNow() + 500);
    const { key } = await keys().create({ name: 'ci', expiresAt });
    expect((await verifier.verify(key.reveal())).claims.exp).toBe(expiresAt.getTime() / 1_000);
    await clock.advance(499);
    await verifier.verify(key.reveal());
    await clock.advance(1);
    await expect(verifier.verify(key.reveal())).rejects.toMatchObject({ code: 'API_KEY_INVALID' });
    expect(verifier.stats().lookups).toBe(1);
  });

  it('can be verified inside the transaction of a request, which its reads and its notes do not join', async () => {
    const { key } = await keys().create({ name: 'ci' });
    await using verifier = createApiKeyVerifier(db.as(service()));
    await db.as(service()).transaction(async () => {
      await verifier.verify(key.reveal());
    });
    await vi.waitFor(() => expect(verifier.stats().isListening).toBe(true), WAIT);
    await verifier.close();
    expect(verifier.stats()).toMatchObject({ pendingUses: 0, failedFlushes: 0 });
  });

  it('was used when it was used last, whichever process notes it first', async () => {
    const { key, record } = await keys().create({ name: 'ci' });
    const clocks = [new FakeClock(), new FakeClock()];
    const verifiers = clocks.map((clock) =>
      createApiKeyVerifier(db.as(service()), { clock, listen: false, rememberMs: 0 }),
    );
    await clocks[1]?.advance(5_000);
    for (const verifier of verifiers) await verifier.verify(key.reveal());
    await verifiers[1]?.close();
    await verifiers[0]?.close();
    const { rows } = await keys().list();
    expect(rows).toMatchObject([{ id: record.id, updated_at: record.updated_at }]);
    expect(Date.parse(rows[0]?.last_used_at ?? '')).toBe(clocks[1]?.wallNow());
    expect(verifiers.map((verifier) => verifier.stats().failedFlushes)).toEqual([0, 0]);
  });

  it('is verified also while its last use cannot be written, which is counted and made up for', async () => {
    const clock = new FakeClock();
    const { key } = await keys().create({ name: 'ci' });
    const verifier = createApiKeyVerifier(db.as(service()), { clock, listen: false });
    await database.query('alter function public.note_api_key_uses rename to away');
    onTestFinished(() => void verifier.close());
    await verifier.verify(key.reveal());
    await clock.advance(60_000);
    await vi.waitFor(
      () => expect(verifier.stats()).toMatchObject({ failedFlushes: 1, pendingUses: 1 }),
      WAIT,
    );
    await database.query('alter function public.away rename to note_api_key_uses');
    await verifier.verify(key.reveal());
    await verifier.close();
    expect((await keys().list()).rows[0]?.last_used_at).not.toBeNull();
  });
});
