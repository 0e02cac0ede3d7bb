import { createServer, get, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  createDatabaseService,
  type Monitoring,
  monitoringHandler,
  nodeListener,
  service,
} from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fakeMonitoring } from './fake-monitoring.ts';

const asking = (path: string, init?: RequestInit) => new Request(`http://internal${path}`, init);

describe('the handler', () => {
  it('is live without asking the database', async () => {
    const db = fakeMonitoring({ status: 'down' });
    const answer = await monitoringHandler(db)(asking('/health/live'));
    expect([answer.status, await answer.json(), db.checks]).toEqual([200, { status: 'ok' }, 0]);
  });

  it.each([
    ['ok', 200],
    ['degraded', 200],
    ['down', 503],
  ] as const)('says in one word that the service is %s', async (status, code) => {
    const answer = await monitoringHandler(fakeMonitoring({ status }))(asking('/health/ready'));
    expect([answer.status, await answer.text()]).toEqual([code, `{"status":"${status}"}`]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('asks the database once for all who ask in the same second', async () => {
    const clock = new FakeClock();
    const db = fakeMonitoring();
    const handler = monitoringHandler(db, { clock });
    for (let i = 0; i < 10; i++) await handler(asking('/health/ready'));
    db.status = 'down';
    expect((await handler(asking('/health/ready'))).status).toBe(200);
    expect(db.checks).toBe(1);
    await clock.advance(1_000);
    expect((await handler(asking('/health/ready'))).status).toBe(503);
    expect(db.checks).toBe(2);
  });

  it('prints the metrics with the content type of their registry', async () => {
    const answer = await monitoringHandler(fakeMonitoring())(asking('/metrics'));
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual([
      'text/plain; version=0.0.4',
      'cdb_up 1\n',
    ]);
  });

  it('shows the status page, whose policy is also a header', async () => {
    const answer = await monitoringHandler(fakeMonitoring())(asking('/status'));
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await answer.text()).toMatch(/^<!doctype html>/);
  });

  it('shows metrics and status only to those who may, and health to all', async () => {
    const handler = monitoringHandler(fakeMonitoring(), {
      authorize: async (request) => request.headers.get('authorization') === 'Bearer of-ours',
    });
    const statuses = async (init?: RequestInit) =>
      Promise.all(
        ['/metrics', '/status', '/health/live', '/health/ready'].map(
          async (path) => (await handler(asking(path, init))).status,
        ),
      );
    expect(await statuses()).toEqual([403, 403, 200, 200]);
    expect(await statuses({ headers: { authorization: 'Bearer of-ours' } })).toEqual([200, 200, 200, 200]);
  });

  it('takes nothing but true for a yes', async () => {
    const handler = monitoringHandler(fakeMonitoring(), { authorize: (() => 'yes') as never });
    expect((await handler(asking('/metrics'))).status).toBe(403);
  });

  it('answers below its path and nowhere else', async () => {
    const handler = monitoringHandler(fakeMonitoring(), { basePath: '/internal' });
    const statuses = await Promise.all(
      [
        '/internal/metrics',
        '/metrics',
        '/internal',
        '/internal/',
        '/internal/metrics/',
        '/internal/constructor',
      ].map(async (path) => (await handler(asking(path))).status),
    );
    expect(statuses).toEqual([200, 404, 404, 404, 404, 404]);
  });

  it('reads only: another method is refused, and HEAD has no body', async () => {
    const handler = monitoringHandler(fakeMonitoring());
    expect((await handler(asking('/metrics', { method: 'POST' }))).status).toBe(405);
    const answer = await handler(asking('/health/ready', { method: 'HEAD' }));
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  it('never repeats an error to a stranger', async () => {
    const secret = 'host db.internal refused the login cdb_user';
    const broken: Monitoring = {
      ...fakeMonitoring(),
      healthCheck: () => Promise.reject(new Error(secret)),
      metrics: () => Promise.reject(new Error(secret)),
    };
    const handler = monitoringHandler(broken);
    for (const path of ['/health/ready', '/metrics', '/status']) {
      const answer = await handler(asking(path));
      expect([answer.status, await answer.text()]).toEqual([500, 'Internal Server Error\n']);
    }
  });

  it.each(['internal', '/internal/', '/a?b', 7])('refuses the path %s', (basePath) => {
    expect(() => monitoringHandler(fakeMonitoring(), { basePath: basePath as string })).toThrow(/basePath/);
  });
});

describe('the listener of node:http', () => {
  async function serving(db: Monitoring) {
    const server = createServer(nodeListener(monitoringHandler(db)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { port, [Symbol.asyncDispose]: async () => void server.close() };
  }

  it('answers as the handler does', async () => {
    await using server = await serving(fakeMonitoring({ status: 'down' }));
    const answer = await fetch(`http://127.0.0.1:${server.port}/health/ready`);
    expect([answer.status, await answer.json()]).toEqual([503, { status: 'down' }]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it.each(['//metrics', '*', 'http://[/metrics', '/%00'])('survives a request for %s', async (path) => {
    await using server = await serving(fakeMonitoring());
    const status = await new Promise<number | undefined>((resolve, reject) => {
      get({ host: '127.0.0.1', port: server.port, path }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on('error', reject);
    });
    expect([400, 404]).toContain(status);
  });

  it('survives a method that no request of fetch can have', async () => {
    await using server = await serving(fakeMonitoring());
    const status = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest({ host: '127.0.0.1', port: server.port, path: '/metrics', method: 'TRACE' }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(400);
  });
});

describe('a service', () => {
  it('is ready once its database answers, and down when it is closed', async () => {
    const db = createDatabaseService({ embedded: true, metrics: true });
    const handler = monitoringHandler(db, { healthMaxAgeMs: 0 });
    await db.as(service()).sql`select 1 as one`;
    expect((await handler(asking('/health/ready'))).status).toBe(200);
    expect(await (await handler(asking('/metrics'))).text()).toContain('cdb_call_duration_seconds_count{');
    await db.close();
    expect((await handler(asking('/health/ready'))).status).toBe(503);
    expect((await handler(asking('/health/live'))).status).toBe(200);
  });
});
