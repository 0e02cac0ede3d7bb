import { describe, expect, it } from 'vitest';
import { createApiKeyVerifier } from './create-api-key-verifier.ts';
import { createApiKeys } from './create-api-keys.ts';

// No call is made of it.
const handle = {} as Parameters<typeof createApiKeyVerifier<never>>[0];

describe('the options of API keys', () => {
  it.each<[string, object, RegExp]>([
    [
      'a memory of more than a second',
      { rememberMs: 1_001 },
      /'rememberMs' must be at most 1000.*It was 1001/,
    ],
    ['a memory of less than nothing', { rememberMs: -1 }, /'rememberMs'/],
    ['an identity of no time', { identityLifetimeMs: 0 }, /'identityLifetimeMs'/],
    ['no lookups', { maxLookups: 0 }, /'maxLookups'/],
    ['a half key', { maxKeys: 1.5 }, /'maxKeys'/],
    ['a brand in capitals', { brand: 'CDB' }, /'brand'.*It was 'CDB'/],
    ['listening that is no flag', { listen: 'yes' }, /'listen' must be true or false/],
    ['an unknown option', { ttlMs: 5 }, /no option "ttlMs"/],
  ])('refuse %s', (_what, options, message) => {
    expect(() => createApiKeyVerifier(handle, options)).toThrow(message);
  });

  it('are the brand and the clock for who makes keys', () => {
    const make = (options: object) => () => createApiKeys(handle, options);
    expect(make({ brand: 'x' })).toThrow(/'brand'/);
    expect(make({ prefix: 'x' })).toThrow(/no option "prefix"/);
    expect(make({ brand: 'acme' })).not.toThrow();
  });
});
