import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { SharedStore } from '../../../test/support/shared-store.ts';
import type { ServiceEvent } from '../../contract/service-event.ts';
import { StoreAccess } from './store-access.ts';

function fixture() {
  const clock = new FakeClock();
  const store = new SharedStore(clock);
  const events: unknown[] = [];
  const warnings: string[] = [];
  const access = new StoreAccess({
    store,
    clock,
    timeoutMs: 50,
    tell: (event: ServiceEvent) =>
      events.push('change' in event && event.change, 'reason' in event && event.reason),
    onWarning: (message) => warnings.push(message),
    back: () => events.push('called back'),
  });
  return { clock, store, access, events, warnings };
}

const never = () => new Promise<never>(() => {});

describe('access to a store', () => {
  it('gives what the work gives', async () => {
    const { access, clock } = fixture();
    expect(await access.run(async () => 3)).toBe(3);
    expect(clock.pending).toBe(0);
  });

  it('gives nothing where the store is slow, and asks it no more until it answers a probe', async () => {
    const { access, clock, store, events, warnings } = fixture();
    let isSlow = true;
    store.beforeSet = () => (isSlow ? never() : undefined);
    const answer = access.run(never);
    await clock.advance(49);
    expect(access.isWorking).toBe(true);
    await clock.advance(2);
    expect(await answer).toBeUndefined();
    expect(access.isWorking).toBe(false);
    let asked = 0;
    expect(await access.run(async () => (asked += 1))).toBeUndefined();
    await clock.advance(1_100);
    await clock.advance(1_100);
    expect(asked).toBe(0);
    isSlow = false;
    await clock.advance(1_100);
    expect(events).toEqual(['away', 'timeout', 'back', undefined, 'called back']);
    expect(await access.run(async () => (asked += 1))).toBe(1);
    expect(warnings).toEqual([
      "The store of the option 'cache.secondLevel' did not answer in time. Calls go on without it until it answers.",
    ]);
    access.close();
    expect(clock.pending).toBe(0);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('password=x');
      },
    ],
    ['rejects', () => Promise.reject(new Error('password=x'))],
  ])('gives nothing where the store %s, and says nothing of its error', async (_name, work) => {
    const { access, events, warnings } = fixture();
    expect(await access.run(work)).toBeUndefined();
    expect(events).toEqual(['away', 'failed']);
    expect(warnings.join()).not.toContain('password');
    expect(access.failures).toBe(1);
    access.close();
  });

  it('warns once', async () => {
    const { access, clock, warnings } = fixture();
    await access.run(() => Promise.reject(new Error()));
    await clock.advance(1_100);
    expect(access.isWorking).toBe(true);
    await access.run(() => Promise.reject(new Error()));
    expect(warnings).toHaveLength(1);
    access.close();
  });

  it('asks nobody after it was closed', async () => {
    const { access, clock } = fixture();
    await access.run(() => Promise.reject(new Error()));
    access.close();
    await clock.advance(5_000);
    expect(await access.run(async () => 1)).toBeUndefined();
  });
});
