import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { tripsApp } from '../../examples/http-service/app.ts';
import { type ConsolidatedDatabaseService, createDatabaseService } from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import type { Database } from '../support/database.generated.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const root = join(import.meta.dirname, '../..');
const ANA = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';
const NOBODY = '00000000-0000-4000-8000-00000000000f';
const SECRET = 'a secret of the example, thirty-two bytes or more';
const Trip = z.object({ id: z.string(), updated_at: z.string() });
const PEOPLE = `
  insert into auth.users (id, email) values ('${ANA}', 'ana@example.com'), ('${BEN}', 'ben@example.com');
  insert into public.profiles (id, username, email) values
    ('${ANA}', 'ana', 'ana@example.com'), ('${BEN}', 'ben', 'ben@example.com');
`;

/** Publishes one key, as a project of Supabase does. */
class KeyServer {
  readonly #keys = generateKeyPair('ES256');
  #server: Server | undefined;

  async start(): Promise<string> {
    const jwk = { ...(await exportJWK((await this.#keys).publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    this.#server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
    }).listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks.json`;
  }

  async sign(sub: string): Promise<string> {
    const { privateKey } = await this.#keys;
    return claimsOf(sub).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(privateKey);
  }

  stop(): void {
    this.#server?.close();
  }
}

function claimsOf(sub: string): SignJWT {
  return new SignJWT({ sub, role: 'authenticated' }).setAudience('authenticated').setExpirationTime('1h');
}

function signed(sub: string): Promise<string> {
  return claimsOf(sub).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(SECRET));
}

function headersOf(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

describe('the guide', () => {
  it.each(['app.ts', 'main.ts'])('shows %s of the HTTP service as it is', (name) => {
    const text = readFileSync(join(root, 'examples/http-service', name), 'utf8');
    const shown = text.replaceAll("from '../../src/index.ts'", "from 'consolidated-db'");
    expect(readFileSync(join(root, 'docs/guide.md'), 'utf8')).toContain(`\`\`\`ts\n${shown}\`\`\``);
  });
});

describe('the HTTP service of the guide', () => {
  const keys = new KeyServer();
  const logged: object[] = [];
  let pglite: Awaited<ReturnType<typeof createEmbeddedDatabase>>;
  let db: ConsolidatedDatabaseService<Database>;
  let app: ReturnType<typeof tripsApp>;
  let ana: string;
  let ben: string;

  beforeAll(async () => {
    pglite = await createEmbeddedDatabase({ migrated: true, sql: PEOPLE });
    const jwt = { secret: SECRET, jwksUrl: await keys.start() };
    db = createDatabaseService<Database>({ embedded: { pglite }, jwt });
    app = tripsApp(db, (entry) => logged.push(entry));
    ana = await signed(ANA);
    ben = await keys.sign(BEN);
  });
  afterAll(async () => {
    await db.close();
    await pglite.close();
    keys.stop();
  });
  beforeEach(async () => {
    await pglite.exec('delete from public.trips');
    logged.length = 0;
  });
  afterEach(() => expect(logged).toEqual([]));

  const ask = async (method: string, path: string, token?: string, body?: unknown) => {
    const response = await app.request(path, {
      method,
      headers: headersOf(token),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, type, answer: await response.json() };
  };
  const planned = async (title: string) => Trip.parse((await ask('POST', '/trips', ana, { title })).answer);
  const problem = (status: number, more: object = {}) => ({
    status,
    type: 'application/problem+json',
    answer: expect.objectContaining({ type: 'about:blank', status, title: expect.any(String), ...more }),
  });

  it('knows who calls, by the shared secret and by the published keys', async () => {
    expect((await ask('GET', '/me', ana)).answer).toMatchObject({ id: ANA });
    expect((await ask('GET', '/me', ben)).answer).toMatchObject({ id: BEN });
  });

  it.each([
    ['no token', undefined],
    ['a token that is none', 'nonsense'],
  ])('refuses to say who calls with %s', async (_what, token) => {
    expect(await ask('GET', '/me', token)).toEqual(problem(401));
  });

  it('shows everyone their own trips', async () => {
    expect((await ask('POST', '/trips', ana, { title: 'Porto', tags: ['sea'] })).status).toBe(201);
    expect((await ask('GET', '/trips', ana)).answer).toMatchObject([{ title: 'Porto', tags: ['sea'] }]);
    expect((await ask('GET', '/trips', ben)).answer).toEqual([]);
    expect((await ask('GET', '/trips')).answer).toEqual([]);
  });

  it('renames what nobody else has changed meanwhile', async () => {
    const { id, updated_at } = await planned('Oslo');
    const renamed = await ask('PATCH', `/trips/${id}`, ana, { title: 'Bergen', updated_at });
    expect(renamed).toMatchObject({ status: 200, answer: [{ title: 'Bergen' }] });
    const late = await ask('PATCH', `/trips/${id}`, ana, { title: 'Faro', updated_at });
    expect(late).toEqual(problem(409, { code: 'CONFLICT' }));
    const foreign = await ask('PATCH', `/trips/${id}`, ben, { title: 'Mine', updated_at });
    expect(foreign).toEqual(problem(404));
  });

  it('shares a trip, or does nothing at all', async () => {
    const { id } = await planned('Oslo');
    expect(await ask('POST', `/trips/${id}/share`, ana, { with: NOBODY, role: 'viewer' })).toEqual(
      problem(409, { code: 'FOREIGN_KEY_VIOLATION' }),
    );
    expect((await ask('GET', '/trips', ben)).answer).toEqual([]);
    expect((await ask('POST', `/trips/${id}/share`, ana, { with: BEN, role: 'viewer' })).status).toBe(200);
    expect((await ask('GET', '/trips', ben)).answer).toMatchObject([{ title: 'Oslo' }]);
  });

  it.each<[string, string, unknown, object]>([
    ['a body that is not JSON', '/trips', '{', {}],
    ['a title that is missing', '/trips', {}, { field: 'title' }],
    ['an id that is none', '/trips/7/share', { with: BEN, role: 'viewer' }, {}],
    ['a role that is none', `/trips/${NOBODY}/share`, { with: BEN, role: 'owner' }, { field: 'role' }],
  ])('blames the client for %s', async (_what, path, body, more) => {
    expect(await ask('POST', path, ana, body)).toEqual(problem(400, more));
  });

  it('knows no other path', async () => {
    expect(await ask('GET', '/nowhere', ana)).toEqual(problem(404, { code: 'NO_SUCH_PATH' }));
  });

  it('refuses a body that is too large', async () => {
    const answer = await ask('POST', '/trips', ana, { title: 'x'.repeat(200_000) });
    expect(answer).toEqual(problem(413, { code: 'TOO_LARGE' }));
  });

  it('logs where an error of another kind comes from', async () => {
    const faults: object[] = [];
    const broken = tripsApp(db, (entry) => faults.push(entry));
    broken.get('/broken', () => {
      throw new TypeError('a fault of the application');
    });
    const response = await broken.request('/broken');
    expect(await response.json()).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(JSON.stringify(faults)).toContain('a fault of the application');
  });

  it('tells a client nothing of a fault of its own, and the log more', async () => {
    const broken = createDatabaseService<Database>({ embedded: { pglite }, jwt: { secret: SECRET } });
    await broken.close();
    const faults: object[] = [];
    const response = await tripsApp(broken, (entry) => faults.push(entry)).request('/trips', {
      headers: headersOf(ana),
    });
    expect(await response.json()).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(faults).toMatchObject([{ code: 'SERVICE_CLOSED' }]);
  });
});

describeFullStack('the process of the HTTP service', () => {
  const keys = new KeyServer();
  let database: TestDatabase;
  let service: ChildProcess;
  let url: string;
  let token: string;

  beforeEach(async () => {
    database = await createTestDatabase({ migrated: true, sql: PEOPLE });
    token = await signed(ANA);
    service = spawn(process.execPath, [join(root, 'examples/http-service/main.ts')], {
      env: {
        ...process.env,
        PORT: '0',
        CDB_DIRECT_URL: database.user.direct,
        CDB_TRANSACTION_URL: database.user.transaction,
        CDB_SERVICE_DIRECT_URL: database.service.direct,
        CDB_JWT_SECRET: SECRET,
        CDB_JWKS_URL: await keys.start(),
        CDB_TLS_CA: '',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(service.stdout!), 'line');
    url = String(line);
  });
  afterEach(async () => {
    service.kill('SIGKILL');
    keys.stop();
    await database.drop();
  });

  const trips = (signal?: AbortSignal) =>
    fetch(`${url}/trips`, { headers: headersOf(token), ...(signal !== undefined && { signal }) });
  const waiting = async (wanted: number): Promise<void> => {
    for (;;) {
      const rows = await database.query(
        `select 1 from pg_locks where not granted and relation = 'public.trips'::regclass`,
      );
      if (rows.length === wanted) return;
    }
  };
  /** Holds every read of the trips up until it is released. */
  const whileLocked = (during: (release: () => Promise<unknown>) => Promise<void>): Promise<void> =>
    withSession(database.ownerUrl, async ({ query }) => {
      await query('begin');
      await query('lock table public.trips in access exclusive mode');
      await during(() => query('rollback'));
    });

  it('ends the statement of a client that has gone away', async () => {
    await whileLocked(async (release) => {
      const client = new AbortController();
      const answer = trips(client.signal).catch((error: unknown) => error);
      await waiting(1);
      client.abort();
      await answer;
      await waiting(0);
      await release();
    });
    expect((await trips()).status).toBe(200);
  });

  it('answers what is under way when it is told to stop, and ends', async () => {
    await whileLocked(async (release) => {
      const answer = trips();
      await waiting(1);
      service.kill('SIGTERM');
      await release();
      expect((await answer).status).toBe(200);
    });
    if (service.signalCode === null) await once(service, 'exit');
    expect([service.exitCode, service.signalCode]).toEqual([null, 'SIGTERM']);
  });
});
