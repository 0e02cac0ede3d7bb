import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeCommand } from '../support/external-command.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { FAILURE_CASES } from './failure-cases.ts';
import { FAILURE_SQL, FailureStage } from './failure-stage.ts';

const root = resolve(import.meta.dirname, '../..');
const RULES = join(root, 'monitoring/alerts.yml');

describe('the table of failures', () => {
  it('has only rows that are produced', () => {
    const page = readFileSync(join(root, 'docs/failures.md'), 'utf8');
    const rows = page
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| what you see'));
    const alerts = rows.map((row) => row.split(' | ')[1]?.replaceAll('`', ''));
    expect(FAILURE_CASES.map(({ alert }) => alert).toSorted()).toEqual(alerts.toSorted());
  });
});

/** Each series of a scrape by its name and labels, and whether it only grows. */
function seriesOf(text: string): Map<string, { readonly value: number; readonly grows: boolean }> {
  const types = new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name!, type!]));
  const found = new Map<string, { value: number; grows: boolean }>();
  for (const [, series, name, value] of text.matchAll(/^((\w+)(?:\{.*\})?) (\S+)$/gm)) {
    const type = types.get(name!) ?? types.get(name!.replace(/_(bucket|sum|count)$/, ''));
    found.set(series!, { value: Number(value), grows: type !== 'gauge' });
  }
  return found;
}

/** What Prometheus would have, a scrape a minute: three before the failure, which is then produced in each minute. */
function scraped(before: string, after: string): { series: string; values: string }[] {
  const earlier = seriesOf(before);
  return [...seriesOf(after)].map(([series, { value, grows }]) => {
    const from = earlier.get(series)?.value;
    const then = grows ? `${value}+${value - (from ?? 0)}x26` : `${value}x26`;
    return { series, values: `${from === undefined ? '_x2' : `${from}x2`} ${then}` };
  });
}

function unchanged(before: string): { series: string; values: string }[] {
  return [...seriesOf(before)].map(([series, { value }]) => ({ series, values: `${value}x29` }));
}

describeFullStack('a failure of the table', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: FAILURE_SQL });
  });
  afterAll(() => database.drop());

  describeCommand(
    'is what its alert fires for',
    { command: 'promtool', debianPackage: 'prometheus' },
    (run) => {
      const folder = mkdtempSync(join(tmpdir(), 'promtool-'));
      afterAll(() => rmSync(folder, { recursive: true, force: true }));

      const tested = (alert: string, input_series: ReturnType<typeof scraped>, isFiring: boolean) => ({
        interval: '1m',
        input_series,
        promql_expr_test: [
          {
            expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) > bool 0`,
            eval_time: '20m',
            exp_samples: isFiring ? [{ labels: '{}', value: 1 }] : [],
          },
        ],
      });

      it.each(FAILURE_CASES)('$alert', async ({ alert, produce }) => {
        await using stage = new FailureStage(database);
        await produce(stage);
        if (stage.after === undefined) await stage.seen();
        const { before, after = '' } = stage;
        const file = join(folder, `${alert}.json`);
        const tests = [tested(alert, scraped(before, after), true), tested(alert, unchanged(before), false)];
        // JSON is YAML too.
        writeFileSync(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: '1m', tests }));
        expect(run('test', 'rules', file)).toContain('SUCCESS');
      });
    },
  );
});
