import { describe, expect, it } from 'vitest';
import { cacheRequest } from './cache-request.ts';

const DEFAULTS = { ttlMs: 60_000, swrMs: 0 };
const refused = expect.objectContaining({ code: 'INVALID_OPTION', statusCode: 500 });

describe('the option cache', () => {
  it.each([undefined, false])('asks nothing of the cache: %j', (option) => {
    expect(cacheRequest(option, DEFAULTS)).toBeUndefined();
  });

  it('takes what it does not say from the options of the service', () => {
    expect(cacheRequest(true, DEFAULTS)).toEqual({ ...DEFAULTS, tags: [] });
    expect(cacheRequest({}, DEFAULTS)).toEqual({ ...DEFAULTS, tags: [] });
    expect(cacheRequest({ ttlMs: 1, swrMs: 2, tags: ['a'] }, DEFAULTS)).toEqual({
      ttlMs: 1,
      swrMs: 2,
      tags: ['a'],
    });
    expect(cacheRequest({ ttlMs: undefined }, DEFAULTS)).toEqual({ ...DEFAULTS, tags: [] });
  });

  it.each<[unknown, string]>([
    ['yes', "'cache' must be true, false, or an object of ttlMs, swrMs, tags"],
    [null, "'cache' must be"],
    [[], "'cache' must be"],
    [{ ttl: 5 }, '\'cache\' has no "ttl". Did you mean'],
    [{ ttlMs: 0 }, "'cache.ttlMs' must be a number of milliseconds from 1 to 86400000. It was 0."],
    [{ ttlMs: Number.NaN }, 'It was NaN.'],
    [{ ttlMs: '5' }, 'It was of type string.'],
    [{ swrMs: -1 }, "'cache.swrMs' must be a number of milliseconds from 0"],
    [{ tags: 'a' }, "'cache.tags' must be an array"],
    [{ tags: [''] }, "'cache.tags' must be an array"],
  ])('is refused as %j', (option, message) => {
    expect(() => cacheRequest(option, DEFAULTS)).toThrow(refused);
    expect(() => cacheRequest(option, DEFAULTS)).toThrow(message);
  });
});
