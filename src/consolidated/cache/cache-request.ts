import { UsageError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import { didYouMean, shown } from '../compile/did-you-mean.ts';
import type { CacheOptions } from '../typed/cache-options.ts';
import { isPlainObject } from '../values/plain-object.ts';

/** What one call asks of the cache. */
export interface CacheRequest {
  readonly ttlMs: number;
  readonly swrMs: number;
  readonly tags: readonly string[];
}

/** What is taken where a call does not say. */
export interface CacheDefaults {
  readonly ttlMs: number;
  readonly swrMs: number;
}

const NAMES = ['ttlMs', 'swrMs', 'tags'] as const;
/** A day. */
const MAX_MS = 86_400_000;
const MAX_TAGS = 20;
const NO_TAGS: readonly string[] = Object.freeze([]);

/**
 * The option `cache` of a call.
 *
 * @returns undefined where the call is not to be cached
 * @throws UsageError `INVALID_OPTION`
 */
export function cacheRequest(option: unknown, defaults: CacheDefaults): CacheRequest | undefined {
  if (option === undefined || option === false) return undefined;
  if (option === true) return { ...defaults, tags: NO_TAGS };
  if (!isPlainObject(option)) {
    throw invalid(
      `The option 'cache' must be true, false, or an object of ${NAMES.join(', ')}. It was ${kindOf(option)}.`,
    );
  }
  for (const name of Object.keys(option)) {
    if (!NAMES.some((known) => known === name)) {
      throw invalid(`The option 'cache' has no ${shown(name)}.${didYouMean(name, NAMES)}`);
    }
  }
  const given = option as CacheOptions;
  return {
    ttlMs: milliseconds(own(given, 'ttlMs') ?? defaults.ttlMs, 'cache.ttlMs', 1),
    swrMs: milliseconds(own(given, 'swrMs') ?? defaults.swrMs, 'cache.swrMs', 0),
    tags: tagsOf(own(given, 'tags')),
  };
}

function milliseconds(value: unknown, name: string, least: number): number {
  if (typeof value === 'number' && value >= least && value <= MAX_MS) return value;
  const was = typeof value === 'number' ? String(value) : kindOf(value);
  throw invalid(
    `The option '${name}' must be a number of milliseconds from ${least} to ${MAX_MS}. It was ${was}.`,
  );
}

function tagsOf(tags: unknown): readonly string[] {
  if (tags === undefined) return NO_TAGS;
  if (!Array.isArray(tags) || tags.length > MAX_TAGS || !tags.every(isTag)) {
    const was = Array.isArray(tags) ? `an array of ${tags.length}` : kindOf(tags);
    throw invalid(
      `The option 'cache.tags' must be an array of at most ${MAX_TAGS} names of 1 to 100 characters. It was ${was}.`,
    );
  }
  return tags.map((tag) => String(tag));
}

export function isTag(tag: unknown): tag is string {
  return typeof tag === 'string' && tag.length > 0 && tag.length <= 100;
}

/** For a message: never the value. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `of type ${typeof value}`;
}

function invalid(message: string): UsageError {
  return new UsageError(message, { code: 'INVALID_OPTION' });
}
