import type { PGlite } from '@electric-sql/pglite';
import type { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { tripApi } from '../../examples/trip-api/app.ts';
import { TripEvents } from '../../examples/trip-api/trip-events.ts';
import {
  type ApiKeyVerifier,
  type ConsolidatedDatabaseService,
  createApiKeyVerifier,
  createDatabaseService,
  createSearchRecorder,
  localAuth,
  type SearchRecorder,
  service,
  user,
} from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import {
  ANA,
  BEN,
  EventReader,
  headersOf,
  KeyServer,
  NOBODY,
  PEOPLE,
  SECRET,
  signed,
} from './trip-api-fixture.ts';

const Trip = z.object({ id: z.string(), title: z.string(), updated_at: z.string() });
const Listed = z.object({ trips: z.array(Trip), next: z.string().optional() });
const Session = z.object({ accessToken: z.string(), refreshToken: z.string(), expiresAt: z.string() });
const PLACES = `insert into public.destinations (id, name, country_code, population, latitude, longitude, embedding) values
  (1, 'Lisbon', 'PT', 517802, 38.7, -9.1, array_fill(1, array[16])::extensions.vector),
  (2, 'Porto', 'PT', 249633, 41.1, -8.6, array_fill(1, array[16])::extensions.vector);`;

describe('the trip API', () => {
  const keys = new KeyServer();
  const logged: object[] = [];
  let pglite: PGlite;
  let db: ConsolidatedDatabaseService<Database>;
  let app: Hono;
  let events: TripEvents;
  let apiKeys: ApiKeyVerifier;
  let searches: SearchRecorder;
  let ana: string;
  let ben: string;

  const apiOf = (of: ConsolidatedDatabaseService<Database>): Hono =>
    tripApi({
      db: of,
      events,
      auth: localAuth({ db: of.as(service()), jwt: { secret: SECRET } }),
      addressOf: () => '192.0.2.1',
      apiKeys,
      searches,
      log: (fault) => logged.push(fault),
      mayMonitor: (request) => request.headers.has('x-operator'),
    });

  beforeAll(async () => {
    pglite = await createEmbeddedDatabase({ migrated: true, sql: `${PEOPLE} ${PLACES}` });
    const jwt = { secret: SECRET, jwksUrl: await keys.start() };
    db = createDatabaseService<Database>({ embedded: { pglite }, jwt, metrics: true });
    apiKeys = createApiKeyVerifier(db.as(service()));
    searches = createSearchRecorder(db);
    ana = await signed(ANA);
    ben = await keys.sign(BEN);
  });
  afterAll(async () => {
    await Promise.all([apiKeys.close(), searches.close()]);
    await db.close();
    await pglite.close();
    keys.stop();
  });
  beforeEach(async () => {
    await pglite.exec('delete from public.trips');
    events = new TripEvents();
    app = apiOf(db);
    logged.length = 0;
  });
  afterEach(() => {
    events.close();
    expect(logged).toEqual([]);
  });

  const ask = async (method: string, path: string, token?: string, body?: unknown) => {
    const response = await app.request(path, {
      method,
      headers: headersOf(token),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const type = response.headers.get('content-type') ?? '';
    const answer: unknown = response.status === 204 ? undefined : await response.json();
    return { status: response.status, type, answer };
  };
  const planned = async (title: string, token = ana) =>
    Trip.parse((await ask('POST', '/trips', token, { title })).answer);
  const titles = async (token?: string) =>
    Listed.parse((await ask('GET', '/trips', token)).answer).trips.map(({ title }) => title);
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
    ['/me', undefined],
    ['/export', undefined],
    ['/events', undefined],
    ['/me', 'nonsense'],
    ['/trips', 'nonsense'],
  ])('refuses %s with the token %s', async (path, token) => {
    expect(await ask('GET', path, token)).toEqual(problem(401));
  });

  it('shows everyone their own trips', async () => {
    const made = await ask('POST', '/trips', ana, { title: 'Porto', tags: ['sea'] });
    expect(made).toMatchObject({ status: 201, answer: { title: 'Porto', tags: ['sea'], owner_id: ANA } });
    expect(await titles(ana)).toEqual(['Porto']);
    expect(await titles(ben)).toEqual([]);
    expect(await titles()).toEqual([]);
    const { id } = Trip.parse(made.answer);
    expect((await ask('GET', `/trips/${id}`, ana)).status).toBe(200);
    expect(await ask('GET', `/trips/${id}`, ben)).toEqual(problem(404));
  });

  it('lists page by page, each trip once', async () => {
    for (const title of ['a', 'b', 'c', 'd', 'e']) await planned(title);
    const seen: string[] = [];
    let after: string | undefined = '';
    while (after !== undefined) {
      const path = `/trips?order=newest&limit=2${after === '' ? '' : `&after=${after}`}`;
      const page = Listed.parse((await ask('GET', path, ana)).answer);
      seen.push(...page.trips.map(({ title }) => title));
      after = page.next;
    }
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  it('changes what nobody else has changed meanwhile', async () => {
    const { id, updated_at } = await planned('Oslo');
    const renamed = await ask('PATCH', `/trips/${id}`, ana, { title: 'Bergen', updated_at });
    expect(renamed).toMatchObject({ status: 200, answer: { title: 'Bergen' } });
    const late = await ask('PATCH', `/trips/${id}`, ana, { title: 'Faro', updated_at });
    expect(late).toEqual(problem(409, { code: 'CONFLICT' }));
    expect(await ask('PATCH', `/trips/${id}`, ben, { title: 'Mine' })).toEqual(problem(404));
  });

  it('shares a trip with a viewer, who may not change it, or with an editor, who may', async () => {
    const { id } = await planned('Oslo');
    const share = (who: string, role: string) =>
      ask('PUT', `/trips/${id}/collaborators/${who}`, ana, { role });
    expect(await share(NOBODY, 'viewer')).toEqual(problem(409, { code: 'FOREIGN_KEY_VIOLATION' }));
    expect((await share(BEN, 'viewer')).status).toBe(200);
    expect(await titles(ben)).toEqual(['Oslo']);
    expect(await ask('PATCH', `/trips/${id}`, ben, { title: 'Mine' })).toEqual(problem(404));
    expect((await share(BEN, 'editor')).status).toBe(200);
    expect((await ask('PATCH', `/trips/${id}`, ben, { title: 'Ours' })).status).toBe(200);
    expect((await ask('GET', `/trips/${id}/collaborators`, ben)).answer).toMatchObject({
      collaborators: [{ user_id: BEN, role: 'editor' }],
    });
    expect(await ask('DELETE', `/trips/${id}`, ben)).toEqual(problem(404));
    expect((await ask('DELETE', `/trips/${id}/collaborators/${BEN}`, ana)).status).toBe(204);
    expect(await titles(ben)).toEqual([]);
  });

  it('cancels once or more, and removes', async () => {
    const { id } = await planned('Oslo');
    for (const _again of [1, 2]) {
      expect((await ask('POST', `/trips/${id}/cancel`, ana)).answer).toMatchObject({ status: 'cancelled' });
    }
    expect((await ask('DELETE', `/trips/${id}`, ana)).status).toBe(204);
    expect(await ask('DELETE', `/trips/${id}`, ana)).toEqual(problem(404));
  });

  it('finds places by name and by likeness, for everybody', async () => {
    const places = async (path: string) => (await ask('GET', path)).answer;
    expect(await places('/destinations?text=lisbon')).toMatchObject({ destinations: [{ name: 'Lisbon' }] });
    expect(await places('/destinations?text=%27%3B--%26%7C')).toEqual({ destinations: [] });
    expect(await places('/destinations/1/alike')).toMatchObject({
      destinations: [{ name: 'Porto', similarity: 1 }],
    });
    expect(await ask('GET', '/destinations/99/alike')).toEqual(problem(404));
  });

  it.each<[string, string, string, unknown, object]>([
    ['a body that is not JSON', 'POST', '/trips', '{', {}],
    ['a title that is missing', 'POST', '/trips', {}, { field: 'title' }],
    ['a title that is empty', 'POST', '/trips', { title: ' ' }, { field: 'title' }],
    ['a field that is none', 'POST', '/trips', { title: 'a', owner_id: BEN }, {}],
    ['an owner by another name', 'POST', '/trips', '{"title":"a","__proto__":{"owner_id":"x"}}', {}],
    ['an id that is none', 'PATCH', '/trips/7', { title: 'a' }, {}],
    [
      'a role that is none',
      'PUT',
      `/trips/${NOBODY}/collaborators/${BEN}`,
      { role: 'owner' },
      { field: 'role' },
    ],
    ['a cursor that is none', 'GET', '/trips?after=nonsense', undefined, { field: 'after' }],
    ['a cursor of others', 'GET', `/trips?after=${btoa('{"owner_id":"x"}')}`, undefined, { field: 'after' }],
    ['a limit that is too high', 'GET', '/trips?limit=1000', undefined, { field: 'limit' }],
    ['a filter that is none', 'GET', '/trips?owner=x', undefined, {}],
    ['a format that is none', 'GET', '/export?format=xls', undefined, { field: 'format' }],
  ])('blames the client for %s', async (_what, method, path, body, more) => {
    expect(await ask(method, path, ana, body)).toEqual(problem(400, more));
  });

  it('knows no other path', async () => {
    expect(await ask('GET', '/nowhere', ana)).toEqual(problem(404, { code: 'NO_SUCH_PATH' }));
  });

  it('refuses a body that is too large', async () => {
    const answer = await ask('POST', '/trips', ana, { title: 'x'.repeat(200_000) });
    expect(answer).toEqual(problem(413, { code: 'CONTENT_TOO_LARGE' }));
  });

  describe('the export', () => {
    const exported = async (format: string, token = ana) =>
      app.request(`/export?format=${format}`, { headers: headersOf(token) });

    it('has the trips of the caller alone, as lines of JSON', async () => {
      const own = await planned('Oslo');
      const foreign = await planned('Safari', ben);
      await ask('PUT', `/trips/${foreign.id}/collaborators/${ANA}`, ben, { role: 'editor' });
      const response = await exported('ndjson');
      expect(response.headers.get('content-type')).toBe('application/x-ndjson');
      const lines = (await response.text()).split('\n');
      expect(lines.pop()).toBe('');
      expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([{ id: own.id, title: 'Oslo' }]);
    });

    it('is a table that no spreadsheet takes for formulas', async () => {
      await planned('=HYPERLINK("https://evil.example","click")');
      await planned('two\r\nlines, and "quotes"');
      const [head, ...rows] = (await (await exported('csv')).text()).split(/\r\n(?="|$)/);
      expect(head).toBe('"id","title","status","starts_on","ends_on","budget","currency","tags"');
      expect(rows[0]).toContain(`,"'=HYPERLINK(""https://evil.example"",""click"")","planning",,,,,""`);
      expect(rows[1]).toContain(`,"two\r\nlines, and ""quotes""","planning"`);
    });

    it('is empty for whoever has no trips', async () => {
      expect(await (await exported('ndjson', ben)).text()).toBe('');
    });
  });

  describe('the events', () => {
    const listen = async (token: string, signal?: AbortSignal) => {
      const response = await app.request('/events', {
        headers: headersOf(token),
        ...(signal !== undefined && { signal }),
      });
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      return new EventReader(response);
    };
    const changed = (id: string, title: string) => `changed ${JSON.stringify({ id, title })}`;

    it('begin with a reload, and tell each what they may see', async () => {
      await using ofAna = await listen(ana);
      await using ofBen = await listen(ben);
      expect([await ofAna.next(), await ofBen.next()]).toEqual(['reload {}', 'reload {}']);
      const { id } = await planned('Oslo');
      expect(await ofAna.next()).toBe(changed(id, 'Oslo'));
      await ask('PUT', `/trips/${id}/collaborators/${BEN}`, ana, { role: 'viewer' });
      // The first that Ben hears: nothing of the trip before it was shared.
      expect(await ofBen.next()).toBe(changed(id, 'Oslo'));
    });

    it('tell nothing of what was rolled back, and nothing that others say', async () => {
      await using heard = await listen(ana);
      await heard.next();
      const { id } = await planned('Oslo', ben);
      expect(await ask('PATCH', `/trips/${id}`, ana, { title: 'Mine' })).toEqual(problem(404));
      for (const payload of ['', 'nonsense', '{"id":1}', NOBODY, id]) {
        await db.as(user({ sub: BEN })).notify('trip_changes', payload);
      }
      const own = await planned('Bergen');
      expect(await heard.next()).toBe(changed(own.id, 'Bergen'));
    });

    it('begin anew after a gap', async () => {
      await using heard = await listen(ana);
      await heard.next();
      events.onEvent({ type: 'listener', mode: 'direct', login: 'service', change: 'away', errorCode: 'X' });
      events.onEvent({
        type: 'listener',
        mode: 'direct',
        login: 'service',
        change: 'listening',
        errorCode: undefined,
      });
      expect(await heard.next()).toBe('reload {}');
    });

    it('are one reload for a client that reads slowly while much is changed', async () => {
      await using slow = await listen(ana);
      await slow.next();
      await pglite.exec(
        `select pg_notify('trip_changes', gen_random_uuid()::text) from generate_series(1, 2000)`,
      );
      const { id } = await planned('Oslo');
      expect([await slow.next(), await slow.next()]).toContain('reload {}');
      expect((await ask('GET', `/trips/${id}`, ana)).status).toBe(200);
    });

    it('end when the process stops, also for who comes late', async () => {
      const heard = await listen(ana);
      await heard.next();
      events.close();
      expect(await heard.next()).toBeUndefined();
      expect(await (await listen(ana)).next()).toBeUndefined();
    });
  });

  it('signs in with a password, goes on with a refresh token, and signs out', async () => {
    const auth = localAuth({ db: db.as(service()), jwt: { secret: SECRET } });
    const credentials = { email: 'cleo@example.com', password: 'a long enough password' };
    const { userId } = await auth.register(credentials);
    const session = Session.parse((await ask('POST', '/sign-in', undefined, credentials)).answer);
    expect((await ask('GET', '/me', session.accessToken)).answer).toMatchObject({ id: userId });
    const { refreshToken } = session;
    const refreshed = Session.parse(
      (await ask('POST', '/sign-in/refresh', undefined, { refreshToken })).answer,
    );
    expect((await ask('GET', '/me', refreshed.accessToken)).answer).toMatchObject({ id: userId });
    const { expiresAt: _expires, ...tokens } = refreshed;
    expect((await ask('POST', '/sign-in/out', undefined, tokens)).status).toBe(204);
    expect(await ask('POST', '/sign-in/refresh', undefined, { refreshToken: tokens.refreshToken })).toEqual(
      problem(401, { code: 'SESSION_INVALID' }),
    );
  });

  it('says the same to a wrong password and to who does not exist, and soon to come later', async () => {
    const wrong = { email: 'nobody@example.com', password: 'a long enough password' };
    expect(await ask('POST', '/sign-in', undefined, wrong)).toEqual(
      problem(401, { code: 'INVALID_CREDENTIALS' }),
    );
    let last = await ask('POST', '/sign-in', undefined, wrong);
    for (let tries = 0; last.status === 401 && tries < 50; tries += 1) {
      last = await ask('POST', '/sign-in', undefined, wrong);
    }
    expect(last).toEqual(problem(429, { retryAfterMs: expect.any(Number) }));
  });

  it('lets an API key do what its scopes say, and shows it once', async () => {
    const made = await ask('POST', '/api-keys', ana, { name: 'ci', scopes: ['trips:read'] });
    const { id, key } = z.object({ id: z.string(), key: z.string() }).parse(made.answer);
    await planned('Oslo');
    const asKey = async (method: string, path: string, body?: object) => {
      const headers = { 'x-api-key': key };
      const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const response = await app.request(path, init);
      return {
        status: response.status,
        answer: z.record(z.string(), z.unknown()).parse(await response.json()),
      };
    };
    expect((await asKey('GET', '/trips')).answer).toMatchObject({ trips: [{ title: 'Oslo' }] });
    for (const [method, path, body] of [
      ['POST', '/trips', { title: 'a' }],
      ['GET', '/profile'],
      ['PATCH', '/profile/preferences', {}],
      ['GET', '/searches'],
      ['DELETE', '/searches'],
    ] as const) {
      expect(await asKey(method, path, body)).toMatchObject({
        status: 403,
        answer: { code: 'SCOPE_MISSING' },
      });
    }
    expect(await asKey('POST', '/api-keys', { name: 'more' })).toMatchObject({ status: 403 });
    expect(JSON.stringify((await ask('GET', '/api-keys', ana)).answer)).not.toContain(key);
    expect((await ask('DELETE', `/api-keys/${id}`, ana)).status).toBe(200);
    // Within a second.
    let last = await asKey('GET', '/trips');
    while (last.status === 200) last = await asKey('GET', '/trips');
    expect(last).toMatchObject({ status: 401, answer: { code: 'API_KEY_INVALID' } });
  });

  it('shows and changes the profile of the caller', async () => {
    expect((await ask('GET', '/profile', ana)).answer).toMatchObject({ id: ANA, username: 'ana' });
    expect((await ask('PATCH', '/profile', ana, { display_name: 'Ana A.' })).answer).toMatchObject({
      display_name: 'Ana A.',
    });
    expect(await ask('PATCH', '/profile', ana, { username: 'ben' })).toEqual(
      problem(409, { code: 'UNIQUE_VIOLATION', field: 'username' }),
    );
    await ask('PATCH', '/profile/preferences', ana, { units: 'metric', theme: 'dark' });
    expect((await ask('PATCH', '/profile/preferences', ana, { theme: null })).answer).toEqual({
      units: 'metric',
    });
    expect(await ask('GET', '/profile')).toEqual(problem(401));
  });

  it('remembers what users searched for, for themselves alone', async () => {
    await planned('Long weekend in Lisbon');
    expect((await ask('GET', '/trips/search?text=lisbon', ana)).answer).toMatchObject({
      trips: [{ title: 'Long weekend in Lisbon' }],
    });
    await ask('GET', '/destinations?text=porto', ana);
    await ask('GET', '/destinations?text=oslo');
    await searches.flush();
    expect((await ask('GET', '/searches', ana)).answer).toMatchObject({
      searches: [
        { query: 'porto', result_count: 1 },
        { query: 'lisbon', result_count: 1 },
      ],
    });
    expect((await ask('GET', '/searches', ben)).answer).toEqual({ searches: [] });
    expect((await ask('GET', '/searches/popular?since=2020-01-01T00:00:00Z', ben)).answer).toEqual({
      searches: [],
    });
    expect((await ask('DELETE', '/searches', ana)).answer).toEqual({ forgotten: 2 });
  });

  it('shows operators how it is, and others only whether', async () => {
    const status = async (path: string, headers = {}) => (await app.request(path, { headers })).status;
    expect(await status('/health/ready')).toBe(200);
    expect(await status('/health/live', headersOf('nonsense'))).toBe(200);
    expect([await status('/metrics'), await status('/status')]).toEqual([403, 403]);
    const operator = { 'x-operator': 'yes' };
    expect([await status('/metrics', operator), await status('/status', operator)]).toEqual([200, 200]);
  });

  it('tells a client nothing of a fault of its own, and the log more', async () => {
    const closed = createDatabaseService<Database>({ embedded: { pglite }, jwt: { secret: SECRET } });
    await closed.close();
    app = apiOf(closed);
    expect(await ask('GET', '/trips', ana)).toEqual(problem(500, { code: 'INTERNAL' }));
    expect(await ask('GET', '/export', ana)).toEqual(problem(500, { code: 'INTERNAL' }));
    expect(await ask('GET', '/events', ana)).toEqual(problem(500, { code: 'INTERNAL' }));
    expect(logged.splice(0)).toMatchObject(Array.from({ length: 3 }, () => ({ code: 'SERVICE_CLOSED' })));
  });
});
