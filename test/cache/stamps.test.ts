import { describe, expect, it } from 'vitest';
import { Generations } from '../../src/consolidated/cache/generations.ts';
import { Stamps } from '../../src/consolidated/second-level/stamps.ts';
import { StoreAccess } from '../../src/consolidated/second-level/store-access.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SharedStore } from '../support/shared-store.ts';

const T = 'public.trips';

function fixture() {
  const clock = new FakeClock();
  const store = new SharedStore(clock);
  /** As another process has it, with a memory of its own. */
  const processOf = (database = 'db') => {
    const touches = new Generations();
    const back = (): void => stamps.renewPending();
    const access = new StoreAccess({
      store,
      clock,
      timeoutMs: 50,
      tell: undefined,
      onWarning: () => {},
      back,
    });
    const stamps = new Stamps(access, touches, clock, database);
    return { touches, stamps };
  };
  return { clock, store, processOf };
}

describe('stamps', () => {
  it('are sound where nothing is known of changes, and accepted as others have put them there', async () => {
    const { store, processOf } = fixture();
    const [one, other] = [processOf(), processOf()];
    const stamp = await one.stamps.renew(T);
    expect(other.stamps.ask(T)).toBe(true);
    expect(other.stamps.accept(T, store.read(other.stamps.placeOf(T)))).toBe(true);
    expect(store.read(other.stamps.placeOf(T))).toBe(stamp);
  });

  it('stand at another place for another name, and for another database', () => {
    const { processOf } = fixture();
    const { stamps } = processOf();
    expect(new Set([T, 'public.other', 'tag x'].map((name) => stamps.placeOf(name))).size).toBe(3);
    expect(processOf('other').stamps.placeOf(T)).not.toBe(stamps.placeOf(T));
    expect(stamps.placeOf('tag user 7')).not.toContain('user');
  });

  it('are not sound behind a touch, until the store has acknowledged a new one', async () => {
    const { processOf } = fixture();
    const { touches, stamps } = processOf();
    touches.touch([T]);
    expect([stamps.ask(T), stamps.ask('public.other')]).toEqual([false, true]);
    const renewing = stamps.renew(T);
    expect(stamps.ask(T)).toBe(false);
    await renewing;
    expect(stamps.ask(T)).toBe(true);
    touches.touch('everything');
    expect([stamps.ask(T), stamps.ask('everything')]).toEqual([true, false]);
  });

  it('are renewed once more for a touch while they were on their way', async () => {
    const { store, processOf } = fixture();
    const { touches, stamps } = processOf();
    touches.touch([T]);
    let touchAgain = true;
    const sound: boolean[] = [];
    store.beforeSet = () => {
      sound.push(stamps.ask(T));
      if (touchAgain) touches.touch([T]);
      touchAgain = false;
    };
    const stamp = await stamps.renew(T);
    expect(sound).toEqual([false, false]);
    expect(store.read(stamps.placeOf(T))).toBe(stamp);
    expect(stamps.ask(T)).toBe(true);
  });

  it('are not sound before a write of unknown outcome is over, and have to be renewed behind it', async () => {
    const { clock, processOf } = fixture();
    const { touches, stamps } = processOf();
    touches.distrust([T], clock.now() + 1_000);
    await stamps.renew(T);
    expect(stamps.ask(T)).toBe(false);
    await clock.advance(1_000);
    expect(stamps.ask(T)).toBe(false);
    await stamps.renew(T);
    expect(stamps.ask(T)).toBe(true);
  });

  it('never come back: what the store lost it had acknowledged', async () => {
    const { store, processOf } = fixture();
    const { stamps } = processOf();
    const place = stamps.placeOf(T);
    const old = await stamps.renew(T);
    await stamps.renew(T);
    store.write(place, old ?? '');
    expect(stamps.accept(T, store.read(place))).toBe(false);
  });

  it('never come back, also those of others', async () => {
    const { store, processOf } = fixture();
    const [one, other] = [processOf(), processOf()];
    const place = one.stamps.placeOf(T);
    const [first, second] = [await other.stamps.renew(T), await other.stamps.renew(T)];
    expect(one.stamps.accept(T, first)).toBe(true);
    expect(one.stamps.accept(T, second)).toBe(true);
    store.write(place, first ?? '');
    expect(one.stamps.accept(T, store.read(place))).toBe(false);
  });

  it('are not followed by older ones of the same maker, seen or not', async () => {
    const { processOf } = fixture();
    const [one, other] = [processOf(), processOf()];
    const [unseen, seen] = [await other.stamps.renew(T), await other.stamps.renew(T)];
    expect(one.stamps.accept(T, seen)).toBe(true);
    expect(one.stamps.accept(T, unseen)).toBe(false);
    expect(one.stamps.accept(T, seen)).toBe(true);
  });

  it('never come back, however many have come since', async () => {
    const { store, processOf } = fixture();
    const [one, other] = [processOf(), processOf()];
    const place = one.stamps.placeOf(T);
    const first = await other.stamps.renew(T);
    expect(one.stamps.accept(T, first)).toBe(true);
    for (let n = 0; n < 200; n++) {
      const { stamps } = n % 2 === 0 ? other : processOf();
      await stamps.renew(T);
      if (n % 2 === 0) expect(one.stamps.accept(T, store.read(place))).toBe(true);
    }
    expect(one.stamps.accept(T, first)).toBe(false);
  });

  it('are none where they are missing or garbled', () => {
    const { stamps } = fixture().processOf();
    for (const stamp of [undefined, '', 'x', 'a'.repeat(16), `${'a'.repeat(16)}.`, `${'<'.repeat(16)}.1`]) {
      expect(stamps.accept(T, stamp)).toBe(false);
    }
  });

  it('that were not acknowledged are renewed when the store answers again, and are not accepted if they come late', async () => {
    const { clock, store, processOf } = fixture();
    const { touches, stamps } = processOf();
    touches.touch([T]);
    const late: string[] = [];
    store.beforeSet = (_key, value) => {
      late.push(value);
      throw new Error('the answer was lost');
    };
    expect(await stamps.renew(T)).toBeUndefined();
    expect(stamps.ask(T)).toBe(false);
    store.beforeSet = undefined;
    await clock.advance(1_100);
    await stamps.settled();
    expect(stamps.ask(T)).toBe(true);
    expect(stamps.accept(T, late[0])).toBe(false);
  });

  it('of what nobody asked for are not renewed for what others tell', async () => {
    const { store, processOf } = fixture();
    const { touches, stamps } = processOf();
    touches.touch([T]);
    stamps.renewAsked(T);
    expect(store.sets).toBe(0);
    stamps.ask(T);
    stamps.renewAsked(T);
    await stamps.settled();
    expect(stamps.ask(T)).toBe(true);
  });

  it('of more names than are remembered while the store is away are all outdated together', async () => {
    const { clock, store, processOf } = fixture();
    const { stamps } = processOf();
    store.beforeSet = () => {
      throw new Error('away');
    };
    for (let n = 0; n <= 1_000; n++) await stamps.renew(`public.t${n}`);
    store.beforeSet = undefined;
    await clock.advance(1_100);
    await stamps.settled();
    expect(store.keys('stamp')).toEqual([stamps.placeOf('everything')]);
  });
});
