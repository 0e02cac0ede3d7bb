import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withSession } from '../../stack/sql-session.ts';
import { describeFullStack, openTestDatabase } from '../../test/support/full-stack.ts';
import { keptName } from './kept-database.ts';
import { parseVectorOptions } from './options.ts';
import { runVectorBench } from './run.ts';
import type { VectorRow } from './summary.ts';

/** Runs at the same time, of other checkouts, have databases of their own. */
const ROWS = 400 + (process.pid % 400);
/** Of which 1 % are 4 to 8 rows. */
const LIMIT = 5;

describeFullStack('the benchmark of vector searches', (stack) => {
  const name = keptName({ name: 'synthetic' }, { rows: ROWS });
  const folder = mkdtempSync(join(tmpdir(), 'vector-bench-'));
  const jsonFile = join(folder, 'rows.json');
  const lines: string[] = [];
  let rows: readonly VectorRow[];

  const run = (queries: string) =>
    runVectorBench(
      parseVectorOptions({
        ...{ data: 'synthetic', rows: String(ROWS), limit: String(LIMIT), rounds: '2', queries },
        ...{ json: jsonFile, pictures: folder },
      }),
      { line: (text = '') => lines.push(text), progress: () => {} },
    );
  const builds = () => lines.filter((line) => line.startsWith('Built in ')).length;
  const idOfDatabase = () =>
    withSession(stack.admin, ({ query }) => query('select oid from pg_database where datname = $1', [name]));

  beforeAll(async () => {
    await run('4');
    rows = JSON.parse(readFileSync(jsonFile, 'utf8')) as VectorRow[];
  }, 120_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await openTestDatabase(name).drop();
  });

  test('measures each contender in each cell of both modes', () => {
    const contenders = new Set(rows.map(({ contender }) => contender));
    expect(contenders).toContain('balanced');
    expect(contenders).toContain('match_documents');
    expect(rows).toHaveLength(2 * 13 * contenders.size);
    expect(rows.every(({ calls, runs, p50Ms }) => calls === 4 && runs === 2 && p50Ms > 0)).toBe(true);
  });

  test('exact searches find everything: the truth is true', () => {
    const exact = rows.filter(({ contender }) => contender === 'exact');
    expect(exact.map(({ recall, firstRecall, short }) => [recall, firstRecall, short])).toEqual(
      exact.map(() => [1, 1, 0]),
    );
    expect(exact.every(({ timesExact }) => timesExact === 1)).toBe(true);
  });

  test('says what was wanted, and draws pictures', () => {
    expect(lines.join('\n')).toContain('recall of balanced');
    expect(readFileSync(join(folder, 'vectors-synthetic-recall.svg'), 'utf8')).toContain('plain pgvector');
    expect(readFileSync(join(folder, 'vectors-synthetic-latency.svg'), 'utf8')).toContain('limit 5');
  });

  test('what was built is used again while it has enough queries', { timeout: 120_000 }, async () => {
    const before = await idOfDatabase();
    await run('3');
    expect(await idOfDatabase()).toEqual(before);
    expect(builds()).toBe(1);
    await run('6');
    expect(await idOfDatabase()).not.toEqual(before);
    expect(builds()).toBe(2);
  });
});
