import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseService, service, statusPage } from '../../src/index.ts';
import { describeCommand } from '../support/external-command.ts';
import { cacheStats, connections, failure, fakeMonitoring, modeHealth, shape } from './fake-monitoring.ts';

const HOSTILE = `public.</td><script>document.title='owned'</script>"'><img src=x onerror=document.title='owned'>`;

/** A service on a bad day. */
function busy() {
  const session = { mode: 'session', login: 'users' } as const;
  const ofService = { mode: 'direct', login: 'service' } as const;
  return fakeMonitoring({
    status: 'degraded',
    modes: [
      modeHealth({}),
      modeHealth({ ...session, status: 'degraded', breaker: 'half-open', latencyMs: 87.4 }),
      modeHealth({
        ...ofService,
        status: 'down',
        breaker: 'open',
        latencyMs: undefined,
        serverVersion: undefined,
        loginChecked: false,
        errorCode: 'CONNECT_TIMEOUT',
      }),
    ],
    connections: [
      connections({}),
      connections({
        ...session,
        active: 3,
        idle: 0,
        waiting: 41,
        max: 3,
        utilization: 1,
        breaker: 'half-open',
      }),
      connections({ ...ofService, active: 0, idle: 0, max: 10, utilization: 0, breaker: 'open' }),
    ],
    shapes: [
      shape({}),
      shape({ operation: 'vectorSearch', table: 'public.destinations', p50Ms: 12, p95Ms: 480.7, p99Ms: 900 }),
      shape({ operation: 'sql', table: undefined, errors: 3, p95Ms: 22 }),
    ],
    failures: [
      failure({}),
      failure({ table: HOSTILE, errorCode: 'CONNECTION_LOST', outcome: 'not-applied' }),
    ],
  });
}

describe('the status page', () => {
  it('is one document that loads nothing and has no script', async () => {
    const page = await statusPage(busy());
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<(?:script|link|img|iframe|object|base|form)\b|@import|url\(/i);
    expect(page).not.toMatch(/<[^>]*\s(?:src|href|style|on\w+)\s*=/i);
    expect(page).toContain('http-equiv="refresh" content="5"');
  });

  it('shows every name as text', async () => {
    const page = await statusPage(
      fakeMonitoring({
        modes: [modeHealth({ serverVersion: HOSTILE, errorCode: HOSTILE })],
        shapes: [shape({ table: HOSTILE })],
        failures: [failure({ table: HOSTILE, errorCode: HOSTILE })],
      }),
    );
    expect(page).not.toContain('<img');
    expect(page.match(/&lt;img src=x/g)).toHaveLength(5);
  });

  it('shows the slowest first', async () => {
    const page = await statusPage(busy());
    const rows = ['public.destinations', 'sql', 'public.trips'].map((name) =>
      page.indexOf(name, page.indexOf('Slowest')),
    );
    expect(rows).toEqual(rows.toSorted((one, other) => one - other));
  });

  it('shows what the cache does', async () => {
    const cellsOf = async (cache: ReturnType<typeof cacheStats>): Promise<Record<string, string>> => {
      const page = await statusPage(fakeMonitoring({ cache }));
      const part = page.slice(page.indexOf('<h2>Cache'), page.indexOf('<h2>Slowest'));
      const cells = [...part.matchAll(/data-name="([^"]+)"><span>(.*?)<\/span><\/td>/g)];
      return Object.fromEntries(
        cells.map(([, name = '', text = '']) => [name, text.replace(/<[^>]*>/g, '').trim()]),
      );
    };
    expect(await cellsOf(cacheStats({}))).toEqual({
      hits: '900',
      stale: '30',
      shared: '20',
      misses: '50',
      'hit rate': '95 %',
      answers: '120',
      memory: '13.0 of 64.0 MiB',
      evictions: '7',
      'hears others': '–',
      'second level': '–',
    });
    const away = { hits: 30, misses: 20, rejected: 0, kept: 20, failures: 1, working: false };
    expect(await cellsOf(cacheStats({ listening: false, secondLevel: away }))).toMatchObject({
      'hears others': 'no',
      'second level': '30 of 50, away',
    });
    expect(
      await cellsOf(cacheStats({ listening: true, secondLevel: { ...away, working: true } })),
    ).toMatchObject({
      'hears others': 'yes',
      'second level': '30 of 50',
    });
    const unused = cacheStats({ hits: 0, stale: 0, shared: 0, misses: 0, entries: 0 });
    expect(await statusPage(fakeMonitoring({ cache: unused }))).toContain('No call has asked for it yet.');
  });

  it('says what is missing where nothing is kept, and where nothing has happened', async () => {
    await using db = createDatabaseService({ embedded: true });
    expect(await statusPage(db)).toContain('Set the option “metrics” to see them.');
    expect(await statusPage(fakeMonitoring({ shapes: [], failures: [] }))).toMatch(/No calls yet\..*None\./s);
  });

  it('holds no value of a call', async () => {
    await using db = createDatabaseService({ embedded: true, metrics: true });
    const secret = 'nobody-shall-read-this';
    await expect(db.as(service()).sql`select ${secret}::int as a`).rejects.toThrow();
    const page = await statusPage(db);
    expect(page).toContain('INVALID_VALUE');
    expect(page).not.toContain(secret);
  });
});

const BROWSER = { command: 'chromium', debianPackage: 'chromium' };

describeCommand('the status page in a browser', BROWSER, (run) => {
  const folder = mkdtempSync(join(tmpdir(), 'status-page-'));
  const file = join(folder, 'status.html');
  const browse = (...args: readonly string[]): string =>
    run(
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--hide-scrollbars',
      `--user-data-dir=${join(folder, 'profile')}`,
      ...args,
      `file://${file}`,
    );
  beforeAll(async () => writeFileSync(file, await statusPage(busy())));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('runs nothing that a name contains, and shows it', () => {
    const dom = browse('--dump-dom');
    expect(dom).toContain('<title>degraded · database</title>');
    expect(dom).toContain('&lt;script&gt;');
    expect(dom).not.toContain('owned</title>');
  });

  /** Elements that reach beyond the window, by a page that measures it. */
  it.each([
    ['a phone', 360],
    ['a desk', 1280],
  ])('fits on %s and is styled by its own style', async (_, width) => {
    const measured = join(folder, `measured-${width}.html`);
    const page = (await statusPage(busy())).replace(/<meta http-equiv[^>]*>/g, '');
    const probe = `<script>addEventListener('load', () => {
      const { scrollWidth, clientWidth } = document.documentElement;
      const wide = [...document.querySelectorAll('td')].filter((cell) => cell.scrollWidth > cell.clientWidth + 1).length;
      document.title = [scrollWidth <= clientWidth, wide, getComputedStyle(document.querySelector('.degraded')).color].join(' ');
    })</script>`;
    writeFileSync(measured, page.replace('</body>', `${probe}</body>`));
    const dom = run(
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--user-data-dir=${join(folder, 'profile')}`,
      `--window-size=${width},900`,
      '--dump-dom',
      `file://${measured}`,
    );
    expect(/<title>([^<]*)/.exec(dom)?.[1]).toMatch(/^true 0 rgb\((154, 103, 0|210, 153, 34)\)$/);
  });
});
