import type { NamedMutant } from '../mutant.ts';

const FORMAT = ['src/business/api-keys/key-format.test.ts'] as const;
const LOOKUPS = {
  file: 'src/business/api-keys/key-lookups.ts',
  tests: ['src/business/api-keys/key-lookups.test.ts'],
} as const;
const USES = {
  file: 'src/business/api-keys/key-uses.ts',
  tests: ['src/business/api-keys/key-uses.test.ts'],
} as const;
const VERIFIER = {
  file: 'src/business/api-keys/api-key-verifier.ts',
  tests: ['test/business/api-keys-revoked.test.ts'],
} as const;
const RULES = {
  file: 'supabase/migrations/20261130020000_api_key_rules.sql',
  tests: ['test/business/api-keys.test.ts'],
} as const;

/** What keeps wrong and dead API keys out. */
export const API_KEYS: readonly NamedMutant[] = [
  {
    name: 'API key: its checksum',
    guard: 'A mistyped key costs no question.',
    file: 'src/business/api-keys/key-format.ts',
    symbol: 'KeyFormat.isWellFormed',
    find: 'return checksumOf(text.slice(0, end)) === text.slice(end + 1);',
    replace: 'return end > 0;',
    tests: FORMAT,
  },
  {
    name: 'API key: never printed',
    guard: 'A log of a new key has its prefix alone.',
    file: 'src/business/api-keys/api-key-secret.ts',
    symbol: 'ApiKeySecret.toString',
    find: 'this.#prefix}_',
    replace: 'this.#text}_',
    tests: FORMAT,
  },
  {
    ...LOOKUPS,
    name: 'API key: another row',
    guard: 'A row is compared with the key that it was found for.',
    symbol: 'KeyLookups.get',
    find: "timingSafeEqual(Buffer.from(key.key_hash, 'hex'), hash)",
    replace: 'true',
  },
  {
    ...LOOKUPS,
    name: 'API key: remembered from its answer',
    guard: 'The second of an answer begins before its question.',
    symbol: 'KeyLookups.#answer',
    find: '{ ...started, key }',
    replace: '{ ...started, askedAt: this.#parts.clock.now(), key }',
  },
  {
    ...LOOKUPS,
    name: 'API key: a question that is too old',
    guard: 'Nobody waits for the answer to a question that was sent a second ago.',
    symbol: 'KeyLookups.#ask',
    find: 'running !== undefined && this.#isFresh(running)',
    replace: 'running !== undefined',
  },
  {
    ...LOOKUPS,
    name: 'API key: a change that was heard of',
    guard: 'What was asked before a change is not used.',
    symbol: 'KeyLookups.#isFresh',
    find: 'epoch === this.#epoch &&',
    replace: '',
  },
  {
    ...LOOKUPS,
    name: 'API key: strangers without bound',
    guard: 'Few unknown keys are looked up at a time.',
    symbol: 'KeyLookups.#ask',
    find: 'isStranger && this.#strangers >= this.#parts.maxLookups',
    replace: 'this.#strangers < 0',
  },
  {
    ...LOOKUPS,
    name: 'API key: locked out by strangers',
    guard: 'A flood of unknown keys refuses no key that was good.',
    symbol: 'KeyLookups.#ask',
    find: 'isStranger && this.#strangers >=',
    replace: 'this.#strangers >=',
  },
  {
    ...USES,
    name: 'API key: a use that could not be written',
    guard: 'Last uses that could not be written are written with the next ones.',
    symbol: 'KeyUses.#write',
    find: 'this.#pending.set(id, at)',
    replace: 'this.#pending.delete(id)',
  },
  {
    ...USES,
    name: 'API key: uses without bound',
    guard: 'Uses of ten thousand keys at most are kept.',
    symbol: 'KeyUses.note',
    find: '(this.#pending.size >= MOST_KEYS && !this.#pending.has(id))',
    replace: 'false',
  },
  {
    ...VERIFIER,
    name: 'API key: expired while it is remembered',
    guard: 'A key that expires is not remembered beyond that.',
    symbol: 'KeyVerifier.#identityOf',
    find: 'if (expiresAt <= now) return undefined;',
    replace: '',
  },
  {
    ...VERIFIER,
    name: 'API key: the transaction of a request',
    guard: 'A key can be verified inside a transaction of the service.',
    symbol: 'KeyVerifier',
    find: "await handle.outside(() => handle.rpc('find_api_key', { hash }))",
    replace: "await handle.rpc('find_api_key', { hash })",
  },
  {
    name: 'API key: remembered for long',
    guard: 'No option lets a revocation take more than a second.',
    file: 'src/business/api-keys/create-api-key-verifier.ts',
    symbol: 'createApiKeyVerifier',
    find: 'rememberMs > MOST_REMEMBER_MS',
    replace: 'rememberMs < 0',
    tests: ['src/business/api-keys/create-api-key-verifier.test.ts'],
  },
  {
    name: 'API key: without its scope',
    guard: 'A key without the scope is refused.',
    file: 'src/business/api-keys/require-scope.ts',
    symbol: 'requireScope',
    find: 'scopes.includes(scope)',
    replace: 'scopes.length >= 0',
    tests: ['test/business/api-keys.test.ts'],
  },
  {
    ...RULES,
    name: 'API key: of a banned user',
    guard: 'The key of a banned user is dead.',
    symbol: 'public.find_api_key',
    find: 'and (u.banned_until is null or u.banned_until <= now())',
    replace: '',
  },
  {
    ...RULES,
    name: 'API key: revoked',
    guard: 'A key that was revoked is dead.',
    symbol: 'public.find_api_key',
    find: 'and k.revoked_at is null',
    replace: '',
  },
  {
    ...RULES,
    name: 'API key: a revocation that is taken back',
    guard: 'A revocation is final.',
    symbol: 'private.keep_revocation',
    find: 'if new.revoked_at is null then',
    replace: 'if false then',
  },
];
