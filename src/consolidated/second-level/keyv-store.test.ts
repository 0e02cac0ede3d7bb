import { Keyv } from 'keyv';
import { describe, expect, it } from 'vitest';
import { keyvStore } from './keyv-store.ts';

describe('a store of Keyv', () => {
  it('gives what was set, in the order of the keys', async () => {
    const store = keyvStore(new Keyv({ namespace: 'test' }));
    await store.set('a', 'one', 60_000);
    await store.set('b', 'two', 60_000);
    expect(await store.getMany(['b', 'x', 'a'])).toEqual(['two', undefined, 'one']);
    await store.set('a', 'three', 60_000);
    expect(await store.getMany(['a'])).toEqual(['three']);
  });

  it('gives nothing for what others keep there that is no text', async () => {
    const keyv = new Keyv();
    await keyv.set('a', { some: 'object' });
    expect(await keyvStore(keyv).getMany(['a'])).toEqual([undefined]);
  });

  it('gives milliseconds on', async () => {
    const keyv = new Keyv();
    const before = Date.now();
    await keyvStore(keyv).set('a', 'b', 5_000);
    const raw = (await keyv.getRaw('a')) as { readonly expires?: number } | undefined;
    const expires = raw?.expires ?? 0;
    expect(expires).toBeGreaterThanOrEqual(before + 5_000);
    expect(expires).toBeLessThanOrEqual(Date.now() + 5_000);
  });

  it('rejects what its store did not take, which Keyv tells by false', async () => {
    const broken = {
      set: () => Promise.reject(new Error('no')),
      get: async () => undefined,
      delete: async () => true,
      clear: async () => {},
    };
    const keyv = new Keyv({ store: broken });
    keyv.on('error', () => {});
    await expect(keyvStore(keyv).set('a', 'b', 60_000)).rejects.toThrow('did not store');
  });
});
