import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { METRIC_TABLE, type MetricDefinition } from '../../src/consolidated/monitoring/metric-table.ts';
import { ROLLOUT_METRIC_TABLE } from '../../src/rollout/rollout-metric-table.ts';
import { sourceTexts } from '../docs/markdown.ts';
import { describeCommand } from '../support/external-command.ts';
import { ALERT_CASES, type AlertCase } from './alert-cases.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const rules = read('monitoring/alerts.yml');
const failures = read('docs/failures.md');
const dashboard = JSON.parse(read('monitoring/dashboard.json')) as {
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
};

const alerts = [...rules.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name!);
const ruleExpressions = [...rules.matchAll(/^ +expr: (.*)$/gm)].map(([, expr]) => expr!);
const panelTargets = dashboard.panels.flatMap(({ targets = [] }) => targets);
const expressions = [...ruleExpressions, ...panelTargets.map(({ expr }) => expr)];

/** By their whole names. */
const ALL: readonly MetricDefinition[] = [
  ...Object.values<MetricDefinition>(METRIC_TABLE).map((one) => ({
    ...{ ...one, name: `cdb_${one.name}`, labels: ['service', ...one.labels] },
  })),
  ...Object.values<MetricDefinition>(ROLLOUT_METRIC_TABLE),
];
/** By the names that Prometheus gives the parts of a metric. */
const METRICS = new Map<string, MetricDefinition>(
  ALL.flatMap((metric) => {
    if (metric.type !== 'histogram') return [[metric.name, metric] as const];
    return ['_bucket', '_sum', '_count'].map((suffix) => [metric.name + suffix, metric] as const);
  }),
);
const named = (text: string): string[] => [...text.matchAll(/\bcdb_\w+/g)].map(([name]) => name);

describe('dashboard and alert rules', () => {
  it('name only metrics that the code has', () => {
    expect(expressions.length).toBeGreaterThan(30);
    expect(expressions.flatMap(named).filter((name) => !METRICS.has(name))).toEqual([]);
  });

  it('name only labels that their metrics have', () => {
    const wrong = expressions.flatMap((expr) => {
      const known = new Set([
        'le',
        // Prometheus gives it to all that it reads.
        'job',
        ...named(expr).flatMap((name) => METRICS.get(name)?.labels ?? []),
      ]);
      const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(', '));
      const matched = [...expr.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label!);
      return [...grouped, ...matched]
        .filter((label) => !known.has(label))
        .map((label) => `${label} in ${expr}`);
    });
    expect(wrong).toEqual([]);
  });

  it('name only codes and classes that errors have', () => {
    const source = sourceTexts('src').join('\n');
    const values = expressions.flatMap((expr) =>
      [...expr.matchAll(/\b(?:code|class)(?:=~|!~|!=|=)"([^"]*)"/g)].flatMap(([, list]) => list!.split('|')),
    );
    expect(values.length).toBeGreaterThan(10);
    const unknown = values.filter(
      (name) => !source.includes(`'${name}'`) && !source.includes(`class ${name} extends DatabaseError`),
    );
    expect(unknown).toEqual([]);
  });

  it('show each metric of the code', () => {
    const shown = new Set(
      panelTargets.flatMap(({ expr }) => named(expr)).map((name) => METRICS.get(name)?.name),
    );
    expect(ALL.filter(({ name }) => !shown.has(name))).toEqual([]);
  });
});

describe('the table of failures', () => {
  it('has a row for each alert, and names no other', () => {
    const told = [...failures.matchAll(/`(Cdb\w+)`/g)].map(([, name]) => name!);
    expect(told.toSorted()).toEqual(alerts.toSorted());
  });

  it('is what each alert leads to', () => {
    const sections = [...failures.matchAll(/^## (.*)$/gm)].map(([, title]) =>
      title!.toLowerCase().replaceAll(' ', '-'),
    );
    const led = [...rules.matchAll(/runbook: docs\/failures\.md#(.*)$/gm)].map(([, anchor]) => anchor!);
    expect(led).toHaveLength(alerts.length);
    expect(led.filter((anchor) => !sections.includes(anchor))).toEqual([]);
    for (const [at, alert] of alerts.entries()) {
      const title = sections.indexOf(led[at]!);
      const section = failures.split(/^## .*$/m)[title + 1];
      expect(section).toContain(`\`${alert}\``);
    }
  });
});

describe('the cases of the alerts', () => {
  it('are there for each of them', () => {
    expect(ALERT_CASES.map(({ alert }) => alert)).toEqual(alerts);
  });
});

describeCommand('promtool', { command: 'promtool', debianPackage: 'prometheus' }, (run) => {
  const folder = mkdtempSync(join(tmpdir(), 'promtool-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  /** JSON is YAML too. */
  const write = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(content));
    return path;
  };

  it('reads the rules', () => {
    expect(run('check', 'rules', join(root, 'monitoring/alerts.yml'))).toContain(
      `${alerts.length} rules found`,
    );
  });

  it('reads each expression of the dashboard', () => {
    const recorded = panelTargets.map(({ expr }, at) => ({
      record: `panel:${at}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$service', '.*'),
    }));
    const file = write('dashboard.json', { groups: [{ name: 'dashboard', rules: recorded }] });
    expect(run('check', 'rules', file)).toContain(`${recorded.length} rules found`);
  });

  const tested = ({ alert }: AlertCase, series: AlertCase['fires'], isFiring: boolean) => ({
    interval: '1m',
    input_series: series.map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
        eval_time: '20m',
        exp_samples: isFiring ? [{ labels: '{}', value: 1 }] : [],
      },
    ],
  });

  it.each(ALERT_CASES)('$alert fires when it should, and not when it nearly should', (one) => {
    const file = write(`${one.alert}.json`, {
      rule_files: [join(root, 'monitoring/alerts.yml')],
      evaluation_interval: '1m',
      tests: [tested(one, one.fires, true), tested(one, one.quiet, false)],
    });
    expect(run('test', 'rules', file)).toContain('SUCCESS');
  });
});
