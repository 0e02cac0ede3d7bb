import { checkOptions, flag, ownOptions, wholeNumber } from '../../consolidated/compile/check-options.ts';
import { type Clock, systemClock } from '../../contract/clock.ts';
import { UsageError } from '../../contract/errors.ts';
import type { ModuleHandle } from '../module-handle.ts';
import { type ApiKeyVerifier, KeyVerifier } from './api-key-verifier.ts';
import type { KeyVerificationSchema } from './api-keys-schema.ts';
import type { ListeningHandle } from './change-watch.ts';
import { KeyFormat } from './key-format.ts';

/** A revocation is seen everywhere within this time. */
const MOST_REMEMBER_MS = 1_000;

const DEFAULTS = {
  rememberMs: MOST_REMEMBER_MS,
  identityLifetimeMs: 60_000,
  flushEveryMs: 60_000,
  maxKeys: 10_000,
  maxLookups: 16,
} as const;

/** Options of `createApiKeyVerifier`. */
export interface ApiKeyVerifierOptions {
  /** How keys begin, as in `createApiKeys`. @defaultValue 'cdb' */
  readonly brand?: string | undefined;
  /**
   * Milliseconds for which a valid key is remembered, from before the database was asked: 0 to 1000. So each key that is used costs
   * a read in that time, and a revocation is seen within it in every process, whatever becomes of connections.
   *
   * @defaultValue 1000
   */
  readonly rememberMs?: number | undefined;
  /**
   * Hears of revocations of other processes, which are then seen at once. It takes one connection that can listen, direct or
   * session. Where none can be had, `rememberMs` is what counts.
   *
   * @defaultValue true
   */
  readonly listen?: boolean | undefined;
  /** Milliseconds after which an identity is refused: long enough for one request. @defaultValue 60000 */
  readonly identityLifetimeMs?: number | undefined;
  /** Milliseconds for which last uses are collected before they are written. @defaultValue 60000 */
  readonly flushEveryMs?: number | undefined;
  /** Keys that are remembered. @defaultValue 10000 */
  readonly maxKeys?: number | undefined;
  /**
   * Lookups at a time of keys that were not seen before. More are refused at once, so that made-up keys do not take the
   * connections of others. Keys that were valid a moment ago are not counted.
   *
   * @defaultValue 16
   */
  readonly maxLookups?: number | undefined;
  /** Time, for tests. @defaultValue the clock of the system */
  readonly clock?: Clock | undefined;
}

const KNOWN = {
  method: 'createApiKeyVerifier',
  names: new Set(['brand', 'listen', 'clock', ...Object.keys(DEFAULTS)]),
};

/**
 * Verifies API keys that `createApiKeys` has made. The handle must act as the service, because nobody is signed in yet:
 * `db.as(service())`.
 *
 * @throws UsageError for an option that is wrong
 *
 * @example
 * ```ts
 * const verifier = createApiKeyVerifier(db.as(service()));
 * const identity = await verifier.verify(request.headers['x-api-key']);
 * requireScope(identity, 'trips:read');
 * const trips = await db.as(identity).select('trips');
 * ```
 */
export function createApiKeyVerifier<S>(
  handle: ModuleHandle<S, KeyVerificationSchema> & ListeningHandle,
  given: ApiKeyVerifierOptions = {},
): ApiKeyVerifier {
  const options = ownOptions(given);
  checkOptions(options, KNOWN);
  const { brand, listen = true, clock = systemClock } = options;
  const number = (option: keyof typeof DEFAULTS, minimum: number): number =>
    wholeNumber(options[option] ?? DEFAULTS[option], option, minimum);
  const rememberMs = number('rememberMs', 0);
  if (rememberMs > MOST_REMEMBER_MS) {
    throw new UsageError(
      `The option 'rememberMs' must be at most ${MOST_REMEMBER_MS}: revocations are seen within a second. It was ${rememberMs}.`,
      { code: 'INVALID_OPTION' },
    );
  }
  return new KeyVerifier({
    handle,
    listens: flag(listen, 'listen'),
    format: new KeyFormat(brand),
    clock,
    rememberMs,
    identityLifetimeMs: number('identityLifetimeMs', 1),
    flushEveryMs: number('flushEveryMs', 1),
    maxKeys: number('maxKeys', 1),
    maxLookups: number('maxLookups', 1),
  });
}
