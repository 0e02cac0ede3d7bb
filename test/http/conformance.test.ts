import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type HttpOptions, requestIdentity, requestSignal, requestUser } from '../../src/http/index.ts';
import {
  AuthenticationError,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  OverloadedError,
  service,
  user,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { FRAMEWORKS, type Routes, type RunningApp } from './frameworks.ts';

const SECRET = 'a secret of these tests, thirty-two bytes or more';
const ANA = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';
const VALUE = 'a value that nobody may read';
const CHUNKED = ['Transfer-Encoding', 'chunked'] as const;
const Problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  field: z.string().optional(),
  retryAfterMs: z.number().optional(),
});

function signed(sub: string, { secret = SECRET, exp = '1h' } = {}): Promise<string> {
  return new SignJWT({ sub, role: 'authenticated' })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('authenticated')
    .setExpirationTime(exp)
    .sign(new TextEncoder().encode(secret));
}

/** Every framework does the same, by the same list. */
describe.each(Object.entries(FRAMEWORKS))('the middleware for %s', (_name, start) => {
  let pglite: PGlite;
  let db: ConsolidatedDatabaseService;
  let app: RunningApp;
  let ana: string;
  let verified = 0;
  const logged: [fault: object, error: unknown][] = [];
  let log: HttpOptions['log'];

  const who = () => db.sql`select current_user::text as role, auth.uid()::text as id`.then(([row]) => row);
  const routes: Routes = {
    'GET /who': who,
    'POST /who': async (body) => ({ ...(await who()), body }),
    'GET /service': () => db.as(service()).sql`select current_user::text as role`.then(([row]) => row),
    'GET /me': () => ({ id: requestUser().claims.sub }),
    'GET /identity': () => ({ kind: requestIdentity().kind }),
    'GET /signal': () => ({ aborted: requestSignal()?.aborted }),
    'GET /fault': () => {
      throw new TypeError(`${VALUE}\n    at ${VALUE}`);
    },
    'GET /foreign-status': () => {
      throw Object.assign(new Error(VALUE), { status: 404, statusCode: 404 });
    },
    'GET /busy': () => {
      throw new OverloadedError('Too many calls wait.', { retryAfterMs: 1_200 });
    },
    'GET /value': () => db.sql`select ${VALUE}::int`,
  };
  const startWith = (options: Partial<HttpOptions> = {}) =>
    start({
      db: {
        ...{ runAs: db.runAs.bind(db), healthCheck: db.healthCheck, cache: db.cache },
        ...{ metrics: db.metrics, getConnectionStats: db.getConnectionStats },
        ...{ getQueryMetrics: db.getQueryMetrics, getRecentFailures: db.getRecentFailures },
        verify: (token) => {
          verified += 1;
          return db.verify(token);
        },
      },
      options: { log: (fault, error) => log(fault, error), ...options },
      routes,
    });

  beforeAll(async () => {
    pglite = await createEmbeddedDatabase();
    db = createDatabaseService({ embedded: { pglite }, jwt: { secret: SECRET } });
    app = await startWith();
    ana = await signed(ANA);
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await db.close();
    await pglite.close();
  });
  beforeEach(() => {
    logged.length = 0;
    verified = 0;
    log = (...fault) => logged.push(fault);
  });

  /** Headers as they are sent, also several of one name. */
  const ask = async (
    path: string,
    headers: readonly (readonly [string, string])[] = [],
    { url = app.url, body }: { url?: string; body?: string } = {},
  ) => {
    const request = httpRequest(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: [['Host', 'localhost'], ...headers].flat(),
    });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const answer: unknown = JSON.parse(await text(response));
    return { status: response.statusCode, headers: response.headers, answer };
  };
  const bearer = (token: string, scheme = 'Bearer') => [['Authorization', `${scheme} ${token}`]] as const;
  const refused = async (asked: ReturnType<typeof ask>) => {
    const { status, headers, answer } = await asked;
    expect(headers['content-type']).toBe('application/problem+json');
    expect(headers['cache-control']).toBe('no-store');
    const problem = Problem.parse(answer);
    expect(problem.status).toBe(status);
    return { ...problem, headers };
  };

  it('runs a request as the owner of its token, verified once', async () => {
    expect((await ask('/who', bearer(ana))).answer).toEqual({ role: 'authenticated', id: ANA });
    expect((await ask('/me', bearer(ana))).answer).toEqual({ id: ANA });
    expect(verified).toBe(2);
  });

  it('runs it as this caller also when its body comes later, by events that know nothing of it', async () => {
    const request = httpRequest(`${app.url}/who`, {
      method: 'POST',
      headers: [['Host', 'localhost'], ...bearer(ana), ['Content-Type', 'application/json'], CHUNKED].flat(),
    });
    request.write('{"of": ');
    while (verified === 0) await setImmediate();
    // The framework now waits for the rest: what comes before that is read at once.
    for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    request.end('"ben"}');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(JSON.parse(await text(response))).toMatchObject({ id: ANA, body: { of: 'ben' } });
  });

  it('keeps callers apart that come at the same time', async () => {
    const ben = await signed(BEN);
    const asked = Array.from({ length: 20 }, (_, n) => ask('/who', bearer(n % 2 === 0 ? ana : ben)));
    const ids = (await Promise.all(asked)).map(({ answer }) => z.object({ id: z.string() }).parse(answer).id);
    expect(ids).toEqual(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? ANA : BEN)));
  });

  it('lets a handle of its own identity keep it', async () => {
    expect((await ask('/service', bearer(ana))).answer).toEqual({ role: 'service_role' });
  });

  it('runs a request without a token as anonymous, which is no user', async () => {
    expect((await ask('/who')).answer).toEqual({ role: 'anon', id: null });
    expect((await ask('/identity')).answer).toEqual({ kind: 'anonymous' });
    const problem = await refused(ask('/me'));
    expect(problem).toMatchObject({ status: 401, code: 'IDENTITY_REQUIRED' });
    expect(problem.headers['www-authenticate']).toBe('Bearer');
  });

  it('refuses a request without a token where it shall', async () => {
    await using strict = await startWith({ anonymous: 'refuse' });
    expect(await refused(ask('/who', [], strict))).toMatchObject({ status: 401, code: 'IDENTITY_REQUIRED' });
    expect((await ask('/who', bearer(ana), strict)).answer).toMatchObject({ id: ANA });
    expect((await ask('/health/live', [], strict)).status).toBe(200);
  });

  it.each(['Bearer', 'bearer', 'BEARER', 'BeArEr', 'Bearer  '])('takes the scheme %j', async (scheme) => {
    expect((await ask('/who', bearer(ana, scheme))).answer).toMatchObject({ id: ANA });
  });

  it.each<[string, (token: string) => readonly (readonly [string, string])[]]>([
    ['an empty header', () => [['Authorization', '']]],
    ['a scheme without a token', () => [['Authorization', 'Bearer']]],
    ['another scheme', (token) => bearer(token, 'Basic')],
    ['no scheme', (token) => [['Authorization', token]]],
    ['a scheme that only begins like it', (token) => bearer(token, 'Bearer-ish')],
    ['two tokens in one header', (token) => bearer(`${token} ${token}`)],
    ['two tokens with a comma', (token) => bearer(`${token}, Bearer ${token}`)],
    ['the header twice', (token) => [...bearer(token), ...bearer(token)]],
    ['the header twice, first empty', (token) => [['Authorization', ''], ...bearer(token)]],
    [
      'the header twice, of different case',
      (token) => [...bearer(token), ['aUTHORIZATION', `Bearer ${token}`]],
    ],
    [
      'the header twice, the second of another scheme',
      (token) => [...bearer(token), ...bearer('YTpi', 'Basic')],
    ],
    ['a tab in place of the space', (token) => [['Authorization', `Bearer\t${token}`]]],
    ['characters that no token has', (token) => bearer(`${token}\u00e9`)],
    ['a token that is nonsense', () => bearer('nonsense')],
    ['a token without its signature', (token) => bearer(token.replace(/[^.]*$/, ''))],
  ])('refuses %s', async (_what, headers) => {
    const problem = await refused(ask('/who', headers(ana)));
    expect(problem).toMatchObject({ status: 401, code: 'TOKEN_INVALID' });
    expect(problem.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(logged).toEqual([]);
  });

  it('refuses a token of another secret, and one that has expired', async () => {
    const foreign = await signed(ANA, { secret: `${SECRET} of others` });
    expect(await refused(ask('/who', bearer(foreign)))).toMatchObject({ status: 401, code: 'TOKEN_INVALID' });
    const old = await signed(ANA, { exp: '-1h' });
    expect(await refused(ask('/who', bearer(old)))).toMatchObject({ status: 401, code: 'TOKEN_EXPIRED' });
  });

  it('asks first whoever identifies in another way', async () => {
    const identify: HttpOptions['identify'] = async ({ header }) => {
      const key = header('x-api-key');
      if (key === undefined) return undefined;
      if (key !== 'right') throw new AuthenticationError('Wrong key.', { code: 'API_KEY_INVALID' });
      return user({ sub: BEN, role: 'authenticated' });
    };
    await using keyed = await startWith({ identify });
    const key = (value: string) => [['X-API-Key', value]] as const;
    expect((await ask('/who', key('right'), keyed)).answer).toEqual({ role: 'authenticated', id: BEN });
    expect((await ask('/me', [...key('right'), ...bearer(ana)], keyed)).answer).toEqual({ id: BEN });
    expect((await ask('/who', bearer(ana), keyed)).answer).toMatchObject({ id: ANA });
    expect((await ask('/who', [], keyed)).answer).toMatchObject({ role: 'anon' });
    for (const wrong of [key('wrong'), [...key('right'), ...key('right')]]) {
      const problem = await refused(ask('/who', wrong, keyed));
      expect(problem).toMatchObject({ status: 401, code: 'API_KEY_INVALID' });
    }
  });

  it('refuses to run as what is no identity', async () => {
    const identify = (() => 'ana') as unknown as NonNullable<HttpOptions['identify']>;
    await using wrong = await startWith({ identify });
    expect(await refused(ask('/who', [], wrong))).toMatchObject({ status: 500, code: 'INTERNAL' });
  });

  it('answers a path that is none', async () => {
    expect(await refused(ask('/nowhere', bearer(ana)))).toMatchObject({ status: 404, code: 'NO_SUCH_PATH' });
  });

  it('answers a body that is none', async () => {
    const headers = [
      ['Content-Type', 'application/json'],
      ['Content-Length', '1'],
    ] as const;
    const problem = await refused(ask('/who', headers, { body: '{' }));
    expect(problem).toMatchObject({ status: 400, title: 'Bad Request', code: 'BAD_REQUEST' });
    expect(logged).toEqual([]);
  });

  it('blames a client for its value, without repeating it', async () => {
    const problem = await refused(ask('/value'));
    expect(problem).toMatchObject({ status: 400, code: 'INVALID_VALUE' });
    expect(JSON.stringify(problem)).not.toContain(VALUE);
    expect(logged).toEqual([]);
  });

  it('says when to come again', async () => {
    const problem = await refused(ask('/busy'));
    expect(problem).toMatchObject({ status: 503, code: 'UNAVAILABLE', retryAfterMs: 1_200 });
    expect(problem.headers['retry-after']).toBe('2');
    expect(logged).toMatchObject([[{ code: 'OVERLOADED' }, expect.any(OverloadedError)]]);
  });

  it.each([
    ['/fault', 'TypeError'],
    ['/foreign-status', 'Error'],
  ])('tells the client nothing of the fault of %s, and the log where it is', async (path, name) => {
    const problem = await refused(ask(path, bearer(ana)));
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(problem.headers['content-length']).not.toBe('7');
    const [[fault, error] = []] = logged;
    expect(logged).toHaveLength(1);
    expect(fault).toEqual({
      name,
      frames: expect.arrayContaining([expect.stringMatching(/^at .*conformance/)]),
    });
    expect(JSON.stringify([fault, problem])).not.toContain(VALUE);
    expect(JSON.stringify([fault, problem])).not.toContain(ana);
    expect(error).toMatchObject({ message: expect.stringContaining(VALUE) });
  });

  it('answers also where the log throws', async () => {
    log = () => {
      throw new Error('no room on the disk');
    };
    const warned = once(process, 'warning');
    expect(await refused(ask('/fault'))).toMatchObject({ status: 500 });
    expect((await warned)[0]).toMatchObject({ message: "The option 'log' threw: no room on the disk" });
  });

  it('cuts an answer that fails in the middle, so that nobody takes a part for the whole', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    const response = await fetch(`${app.url}/cut`, { headers: { authorization: `Bearer ${ana}` } });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    told.mockRestore();
  });

  it('has a signal that is quiet as long as the client is there', async () => {
    expect((await ask('/signal')).answer).toEqual({ aborted: false });
  });

  it('leaves health checks alone, whatever token they bring', async () => {
    expect((await ask('/health/live', bearer('nonsense'))).answer).toEqual({ status: 'ok' });
    expect(verified).toBe(0);
  });
});

describe('outside a request', () => {
  it('there is no signal, and a user is a mistake', () => {
    expect(requestSignal()).toBeUndefined();
    for (const ask of [requestUser, requestIdentity]) {
      expect(() => ask()).toThrow(expect.objectContaining({ code: 'NO_REQUEST' }));
    }
  });
});
