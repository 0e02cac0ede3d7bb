import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunEnding } from '../../examples/demo/report/report.ts';
import { runDemo } from '../../examples/demo/run-demo.ts';
import { PLACE_COUNT } from '../../examples/demo/stage.ts';
import { operationSteps } from '../../examples/demo/steps/operations.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { failuresOf, readDocument, runDemoCommand, titlesLeftOut } from './demo-command.ts';

/** A place that is on the demo's list, as somebody else wrote it down. */
const OWN_SHANGHAI = `insert into public.destinations (geoname_id, name, country_code, latitude, longitude)
  values (1796236, 'Shanghai of my own', 'CN', 31.2, 121.5)`;

describeFullStack('the demo on a server', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: true, sql: OWN_SHANGHAI });
  });
  afterAll(() => database.drop());

  async function rowsLeft() {
    const [left] = await database.query<{
      places: string;
      accounts: string;
      trips: string;
      searches: string;
      keys: string;
      sessions: string;
      audit: string | null;
    }>(`select
      (select string_agg(name, ', ') from public.destinations) as places,
      (select count(*) from auth.users) as accounts,
      (select count(*) from public.trips) as trips,
      (select count(*) from public.search_history) as searches,
      (select count(*) from public.api_keys) as keys,
      (select count(*) from public.sign_in_sessions) as sessions,
      to_regclass('cdb.audit')::text as audit`);
    return left;
  }
  const ONLY_MINE = {
    places: 'Shanghai of my own',
    accounts: '0',
    trips: '0',
    searches: '0',
    keys: '0',
    sessions: '0',
    audit: null,
  };

  function environment(modes: readonly ('direct' | 'session' | 'transaction')[]): Record<string, string> {
    const named = (urls: TestDatabase['user']) => modes.map((mode) => `${mode}=${urls[mode]}`).join(' ');
    return {
      CDB_DEMO_URL: named(database.user),
      CDB_DEMO_SERVICE_URL: named(database.service),
      CDB_DEMO_ADMIN_URL: database.ownerUrl,
    };
  }

  test('takes for each statement the mode that suits it, and leaves only what was there before', async () => {
    const { code, stdout, stderr } = await runDemoCommand(
      ['--json'],
      environment(['direct', 'session', 'transaction']),
    );
    const document = readDocument(stdout);
    expect(failuresOf(document)).toEqual([]);
    expect({ code, stderr, ok: document.ok, warnings: document.warnings }).toEqual({
      code: 0,
      stderr: '',
      ok: true,
      warnings: [],
    });
    const modesOf = (title: string) => document.steps.find((step) => step.title === title)?.modes;
    expect(modesOf('Read the five largest cities')).toEqual(['transaction']);
    expect(modesOf('Insert three trips in one statement')).toEqual(['session']);
    expect(modesOf('Transaction that throws: rolled back')).toEqual(['direct']);
    expect(titlesLeftOut(document)).toEqual(operationSteps.map(({ title }) => title));
    expect(await rowsLeft()).toEqual(ONLY_MINE);
  }, 180_000);

  test('leaves out what a pooler in transaction mode cannot do, and does the rest', async () => {
    const { code, stdout } = await runDemoCommand(['--json'], environment(['transaction']));
    const document = readDocument(stdout);
    expect(failuresOf(document)).toEqual([]);
    expect(code).toBe(0);
    expect(document.counts.leftOut).toBeGreaterThan(0);
    expect(await rowsLeft()).toEqual(ONLY_MINE);
  }, 180_000);

  test('removes what it added when it is interrupted, and is not well then', async () => {
    const interruption = new AbortController();
    let ending: RunEnding | undefined;
    let placesThen = 0;
    const ok = await runDemo({
      server: {
        users: database.user,
        service: database.service,
        adminUrl: database.ownerUrl,
        migrate: false,
        caFile: undefined,
      },
      report: {
        begin() {},
        step({ title, rows }) {
          if (title !== 'Insert the places and embeddings') return;
          placesThen = rows ?? 0;
          interruption.abort();
        },
        warning() {},
        end(given) {
          ending = given;
        },
      },
      signal: interruption.signal,
      now: () => performance.now(),
      wallNow: () => Date.now(),
    });
    expect(placesThen).toBe(PLACE_COUNT - 1);
    expect(ok).toBe(false);
    expect(ending).toMatchObject({ ok: false, interrupted: true });
    expect(ending?.results.at(-1)).toMatchObject({ title: 'Remove what the demo added', outcome: 'ok' });
    expect(await rowsLeft()).toEqual(ONLY_MINE);
  }, 180_000);
});

describeFullStack('the demo on a server without its tables', () => {
  test('says what makes them, and with --migrate makes them', async () => {
    await using database = await createTestDatabase();
    const environment = {
      CDB_DEMO_URL: `direct=${database.user.direct}`,
      CDB_DEMO_SERVICE_URL: `direct=${database.service.direct}`,
      CDB_DEMO_ADMIN_URL: database.ownerUrl,
    };
    const without = await runDemoCommand(['--json'], environment);
    expect(without.code).toBe(1);
    expect(failuresOf(readDocument(without.stdout))).toEqual([
      expect.stringMatching(/has no public\.profiles.*Add --migrate, or run 'cdb migrate up' first/),
    ]);
    const migrated = await runDemoCommand(['--json', '--migrate'], environment);
    expect(failuresOf(readDocument(migrated.stdout))).toEqual([]);
    expect(migrated.code).toBe(0);
  }, 180_000);
});
