import type { PGlite } from '@electric-sql/pglite';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  createRollout,
  type RolloutFlag,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { MemoryFlag } from './memory-flag.ts';

let pglite: PGlite;
let db: ConsolidatedDatabaseService;

beforeAll(async () => {
  pglite = await createEmbeddedDatabase({
    sql: 'create table notes (id int); grant select on notes to anon',
  });
  db = createDatabaseService({ embedded: { pglite }, cache: { onlyWatched: true } });
});
afterAll(async () => {
  await db.close();
  await pglite.close();
});

const open = (registry: Registry, flag: RolloutFlag) =>
  createRollout({ legacy: db, consolidated: db, flag: new MemoryFlag(flag), metrics: { registry } });

const shown = async (registry: Registry, name: string, labels: object = {}) => {
  const metric = (await registry.getMetricsAsJSON()).find((one) => one.name === `cdb_rollout_${name}`);
  return metric?.values.find((value) =>
    Object.entries(labels).every(([key, label]) => Reflect.get(value.labels, key) === label),
  )?.value;
};

describe('the metrics of a rollout', () => {
  it('tell calls, comparisons and the flag', async () => {
    const registry = new Registry();
    await using rollout = open(registry, { percentage: 0, shadow: 100 });
    await rollout.ready();
    await rollout.as(anonymous()).count('notes');
    await expect.poll(() => shown(registry, 'comparisons_total', { result: 'same' })).toBe(1);
    expect(
      await shown(registry, 'call_duration_seconds', {
        le: '+Inf',
        side: 'legacy',
        operation: 'count',
        table: 'notes',
      }),
    ).toBe(1);
    expect(await shown(registry, 'percentage')).toBe(0);
    expect(await shown(registry, 'flag_readable')).toBe(1);
    expect(await shown(registry, 'held_back')).toBe(0);
  });

  it('tell faults, and that traffic is held back', async () => {
    const registry = new Registry();
    await using rollout = open(registry, { percentage: 100, killed: true });
    await rollout.ready();
    await rollout
      .as(anonymous())
      .count('none')
      .catch(() => undefined);
    expect(await shown(registry, 'faults_total', { side: 'legacy', table: 'none' })).toBe(1);
    expect(await shown(registry, 'held_back')).toBe(1);
    expect(await shown(registry, 'tripped')).toBe(0);
    expect(await shown(registry, 'percentage')).toBe(100);
  });

  it('tell that it was the guard', async () => {
    const registry = new Registry();
    const flag = new MemoryFlag({ percentage: 100 });
    await flag.trip({
      ...{ id: 't1', at: '2030-01-01T00:00:00.000Z', reason: 'slow', operation: 'count', table: 'notes' },
      ...{ consolidated: 80, legacy: 2.5 },
    });
    await using rollout = createRollout({ legacy: db, consolidated: db, flag, metrics: { registry } });
    await rollout.ready();
    expect(await shown(registry, 'tripped')).toBe(1);
    expect(await shown(registry, 'held_back')).toBe(1);
    await rollout.reset();
    await expect.poll(() => shown(registry, 'tripped')).toBe(0);
    expect(await shown(registry, 'held_back')).toBe(0);
  });

  it('are gone once it is closed, and refused where another rollout has them', async () => {
    const registry = new Registry();
    const first = open(registry, {});
    expect(() => open(registry, {})).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    await first.close();
    expect(await registry.getMetricsAsJSON()).toEqual([]);
    await open(registry, {}).close();
  });
});
