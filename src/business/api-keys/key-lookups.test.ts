import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { FoundKey } from './api-keys-schema.ts';
import { hashOfKey } from './key-format.ts';
import { KeyLookups } from './key-lookups.ts';

const HASH = hashOfKey('a');
const OTHER = hashOfKey('b');

function keyOf(hash: Buffer): FoundKey {
  return { id: 'id', user_id: 'ana', key_hash: hash.toString('hex'), scopes: [], expires_at: null };
}

/** With a database that answers when it is told to. */
function setUp(maxLookups = 16) {
  const clock = new FakeClock();
  const asked: { readonly hash: string; readonly answer: PromiseWithResolvers<FoundKey | undefined> }[] = [];
  const lookups = new KeyLookups({
    clock,
    rememberMs: 1_000,
    maxKeys: 3,
    maxLookups,
    find(hash) {
      const answer = Promise.withResolvers<FoundKey | undefined>();
      asked.push({ hash, answer });
      return answer.promise;
    },
  });
  /** Asks, and lets the database answer at once. */
  const get = (hash: Buffer, answer: FoundKey | null = keyOf(hash)) => {
    const before = asked.length;
    const got = lookups.get(hash);
    if (asked.length > before) asked.at(-1)?.answer.resolve(answer ?? undefined);
    return got;
  };
  return { clock, asked, lookups, get };
}

describe('lookups of keys', () => {
  it('are remembered for a second from before the question, however late its answer is', async () => {
    const { clock, asked, lookups } = setUp();
    const first = lookups.get(HASH);
    await clock.advance(900);
    asked[0]?.answer.resolve(keyOf(HASH));
    expect(await first).toEqual(keyOf(HASH));
    await clock.advance(99);
    await lookups.get(HASH);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    void lookups.get(HASH);
    expect(asked).toHaveLength(2);
  });

  it('are shared by those who ask meanwhile, but not a second later', async () => {
    const { clock, asked, lookups } = setUp();
    const both = [lookups.get(HASH), lookups.get(HASH)];
    expect(asked).toHaveLength(1);
    await clock.advance(1_000);
    const late = lookups.get(HASH);
    expect(asked).toHaveLength(2);
    asked[0]?.answer.resolve(keyOf(HASH));
    asked[1]?.answer.resolve(undefined);
    expect(await Promise.all([...both, late])).toEqual([keyOf(HASH), keyOf(HASH), undefined]);
  });

  it('are not remembered where a change was heard of since the question', async () => {
    const { asked, lookups, get } = setUp();
    await get(HASH);
    lookups.outdate();
    const stale = lookups.get(HASH);
    expect(asked).toHaveLength(2);
    lookups.outdate();
    const fresh = lookups.get(HASH);
    expect(asked).toHaveLength(3);
    asked[1]?.answer.resolve(keyOf(HASH));
    await stale;
    asked[2]?.answer.resolve(undefined);
    expect(await fresh).toBeUndefined();
    expect(await get(HASH, null)).toBeUndefined();
    expect(asked).toHaveLength(4);
  });

  it('refuse a row that is not of this hash', async () => {
    const { get } = setUp();
    expect(await get(HASH, keyOf(OTHER))).toBeUndefined();
  });

  it('of strangers are few at a time, and never take the place of a key that was good', async () => {
    const { clock, asked, lookups, get } = setUp(2);
    await get(HASH);
    await clock.advance(5_000);
    const strangers = ['x', 'y'].map((text) => lookups.get(hashOfKey(text)));
    await expect(lookups.get(OTHER)).rejects.toMatchObject({
      code: 'API_KEY_LOOKUPS_FULL',
      statusCode: 503,
      retryAfterMs: 1_000,
    });
    expect(await get(HASH)).toEqual(keyOf(HASH));
    for (const { answer } of asked) answer.resolve(undefined);
    expect(await Promise.all(strangers)).toEqual([undefined, undefined]);
    expect(await get(OTHER)).toEqual(keyOf(OTHER));
  });

  it('that fail are asked again, and free their place', async () => {
    const { asked, lookups, get } = setUp(1);
    for (let n = 0; n < 3; n++) {
      const failing = lookups.get(HASH);
      asked.at(-1)?.answer.reject(new Error('away'));
      await expect(failing).rejects.toThrow('away');
    }
    expect(await get(HASH)).toEqual(keyOf(HASH));
  });

  it('keep as many keys as they may, and none that is not valid', async () => {
    const { lookups, get } = setUp();
    for (let n = 0; n < 10; n++) await get(hashOfKey(`bad ${n}`), null);
    expect(lookups.size).toBe(0);
    for (let n = 0; n < 10; n++) await get(hashOfKey(`good ${n}`));
    expect(lookups.size).toBe(3);
  });
});
