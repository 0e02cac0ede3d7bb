import { describe, expect, it } from 'vitest';
import { emptyCatalog } from '../../../test/support/empty-catalog.ts';
import type { Clock } from '../../contract/clock.ts';
import type { Actor } from '../../contract/identity.ts';
import { CatalogStore } from './catalog-store.ts';
import type { Catalog } from './model.ts';

const ACTOR: Actor = { kind: 'anonymous', role: 'anon', claims: '{}', expiresAt: undefined };
/** Loads that end when the test says so, and a clock that it moves. */
function fixture() {
  const loads: { epoch: number; succeed: () => void; fail: (error: Error) => void }[] = [];
  const timers: { readonly fn: () => void; readonly ms: number }[] = [];
  let time = 0;
  const clock: Clock = {
    now: () => time,
    wallNow: () => time,
    schedule: (fn, ms) => {
      timers.push({ fn, ms });
      return { cancel() {} };
    },
    expireAt: () => ({ cancel() {} }),
  };
  const load = (epoch: number) =>
    new Promise<Catalog>((resolve, reject) => {
      loads.push({ epoch, succeed: () => resolve(emptyCatalog(epoch)), fail: reject });
    });
  const store = new CatalogStore({ load, clock });
  const loaded = async () => {
    const first = store.get(ACTOR);
    loads[0]?.succeed();
    await first;
  };
  /** Lets the time of the only timer pass. */
  const pass = () => {
    const [timer, ...others] = timers.splice(0);
    expect(others).toEqual([]);
    time += timer?.ms ?? 0;
    timer?.fn();
    return timer?.ms;
  };
  return { store, loads, loaded, pass, advance: (ms: number) => (time += ms) };
}

describe('the catalog store', () => {
  it('loads once for all who ask at the same time, and never again by itself', async () => {
    const { store, loads } = fixture();
    expect(store.current).toBeUndefined();
    const both = Promise.all([store.get(ACTOR), store.get(ACTOR)]);
    loads[0]?.succeed();
    const [one, other] = await both;
    expect(one).toBe(other);
    expect(await store.get(ACTOR)).toBe(one);
    expect(store.current).toBe(one);
    expect(loads).toHaveLength(1);
  });

  it('does not keep a failed load', async () => {
    const { store, loads } = fixture();
    const failing = store.get(ACTOR);
    loads[0]?.fail(new Error('down'));
    await expect(failing).rejects.toThrow('down');
    const next = store.get(ACTOR);
    loads[1]?.succeed();
    await expect(next).resolves.toMatchObject({ epoch: 1 });
  });

  it('grows the epoch with every reload', async () => {
    const { store, loads, loaded } = fixture();
    await loaded();
    const reload = store.refresh(ACTOR);
    loads[1]?.succeed();
    await expect(reload).resolves.toMatchObject({ epoch: 2 });
    expect(store.current?.epoch).toBe(2);
  });

  it('keeps the old catalog when a refresh fails', async () => {
    const { store, loads, loaded } = fixture();
    await loaded();
    const reload = store.refresh(ACTOR);
    loads[1]?.fail(new Error('down'));
    await expect(reload).rejects.toThrow('down');
    expect((await store.get(ACTOR)).epoch).toBe(1);
  });

  it('answers a refresh with a load that began after it was asked for, shared by all who asked', async () => {
    const { store, loads } = fixture();
    const early = store.get(ACTOR);
    const late = Promise.all([store.refresh(ACTOR), store.refresh(ACTOR)]);
    loads[0]?.succeed();
    await expect(early).resolves.toMatchObject({ epoch: 1 });
    loads[1]?.succeed();
    const [one, other] = await late;
    expect(one.epoch).toBe(2);
    expect(other).toBe(one);
    expect(loads).toHaveLength(2);
  });

  it('starts the queued refresh though the running load failed', async () => {
    const { store, loads } = fixture();
    const early = store.get(ACTOR);
    const late = store.refresh(ACTOR);
    loads[0]?.fail(new Error('down'));
    await expect(early).rejects.toThrow('down');
    await expect.poll(() => loads.length).toBe(2);
    loads[1]?.succeed();
    await expect(late).resolves.toMatchObject({ epoch: 1 });
  });

  it('reloads for a missing name, at most once in 5 s for the same one', async () => {
    const { store, loads, loaded, advance } = fixture();
    await loaded();
    const first = store.refreshForMissing('public.nope', ACTOR);
    loads[1]?.succeed();
    await expect(first).resolves.toMatchObject({ epoch: 2 });
    advance(4_999);
    await expect(store.refreshForMissing('public.nope', ACTOR)).resolves.toMatchObject({ epoch: 2 });
    expect(loads).toHaveLength(2);
    advance(1);
    const again = store.refreshForMissing('public.nope', ACTOR);
    loads[2]?.succeed();
    await expect(again).resolves.toMatchObject({ epoch: 3 });
  });

  it('reloads at most once a second for ever new missing names', async () => {
    const { store, loads, loaded, advance } = fixture();
    await loaded();
    const first = store.refreshForMissing('public.a0', ACTOR);
    loads[1]?.succeed();
    await first;
    for (let index = 1; index < 100; index++) {
      advance(10);
      await store.refreshForMissing(`public.a${index}`, ACTOR);
    }
    expect(loads).toHaveLength(2);
    advance(10);
    const next = store.refreshForMissing('public.new', ACTOR);
    loads[2]?.succeed();
    await expect(next).resolves.toMatchObject({ epoch: 3 });
  });

  it('counts a failed reload too, so that a database in trouble is left alone', async () => {
    const { store, loads, loaded } = fixture();
    await loaded();
    const first = store.refreshForMissing('public.nope', ACTOR);
    loads[1]?.fail(new Error('down'));
    await expect(first).rejects.toThrow('down');
    await expect(store.refreshForMissing('public.nope', ACTOR)).resolves.toMatchObject({ epoch: 1 });
  });

  it('joins a load that runs already', async () => {
    const { store, loads, loaded } = fixture();
    await loaded();
    const both = Promise.all([
      store.refreshForMissing('public.a', ACTOR),
      store.refreshForMissing('public.b', ACTOR),
    ]);
    loads[1]?.succeed();
    const [one, other] = await both;
    expect(one).toBe(other);
  });

  it('is read anew for a change, unless that was done since it was seen', async () => {
    const { store, loads, loaded } = fixture();
    await loaded();
    const seen = store.current!;
    const anew = store.refreshForChange(seen, ACTOR);
    loads[1]?.succeed();
    expect((await anew).epoch).toBe(2);
    expect(await store.refreshForChange(seen, ACTOR)).toBe(await anew);
    expect(loads).toHaveLength(2);
  });

  it('is read anew for ten changes at once, and then for one each second', async () => {
    const { store, loads, loaded, advance } = fixture();
    await loaded();
    const change = async (): Promise<boolean> => {
      const seen = store.current!;
      const answer = store.refreshForChange(seen, ACTOR);
      loads.at(-1)?.succeed();
      return (await answer) !== seen;
    };
    const burst: boolean[] = [];
    for (let n = 0; n < 12; n++) burst.push(await change());
    expect(burst).toEqual([...Array.from({ length: 10 }, () => true), false, false]);
    advance(1_000);
    expect([await change(), await change()]).toEqual([true, false]);
  });

  it.each([
    ['a reply that needs it', 10, (store: CatalogStore) => store.refreshForReply(ACTOR)],
    ['a label that it lacks', 1, (store: CatalogStore) => store.refreshForLabel(ACTOR)],
  ] as const)('is read anew for %s, %i at once, and for all who come then by one load', async (...given) => {
    const [, atOnce, ask] = given;
    const { store, loads, loaded, pass } = fixture();
    await loaded();
    for (let n = 0; n < atOnce; n++) {
      const answer = ask(store);
      loads.at(-1)?.succeed();
      expect((await answer).epoch).toBe(n + 2);
    }
    const late = [ask(store), ask(store)];
    expect(loads).toHaveLength(atOnce + 1);
    expect(pass()).toBe(1_000);
    await expect.poll(() => loads.length).toBe(atOnce + 2);
    loads.at(-1)?.succeed();
    expect((await Promise.all(late)).map(({ epoch }) => epoch)).toEqual([atOnce + 2, atOnce + 2]);
  });
});
