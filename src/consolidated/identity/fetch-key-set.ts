import type { Clock } from '../../contract/clock.ts';
import { ConnectionError } from '../../contract/errors.ts';
import { isKeySet, keysOfSet, type VerificationKey } from './verification-key.ts';

/** The answer of Node's `fetch`, as far as it is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const PATIENCE_MS = 3_000;
const MAX_BYTES = 1 << 19;

/**
 * Fetches the keys of a JSON Web Key Set that can verify tokens. Redirects are not followed: whoever can make one would
 * choose the keys. A set without such a key counts as none: endpoints answer so while they start or are set up.
 *
 * @throws ConnectionError `JWKS_UNAVAILABLE`, whatever came instead of keys, and where nothing came in 3 s
 */
export async function fetchKeys(
  url: string,
  algorithms: readonly string[],
  clock: Clock,
  fetch: Fetch,
): Promise<readonly VerificationKey[]> {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = clock.schedule(() => controller.abort(), PATIENCE_MS);
  try {
    const response = await fetch(url, {
      signal,
      redirect: 'manual',
      headers: { accept: 'application/json, application/jwk-set+json' },
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      const isRedirect = response.status >= 300 && response.status < 400;
      throw unavailable(
        url,
        `answered with status ${response.status}${isRedirect ? '; redirects are not followed' : ''}`,
      );
    }
    const set = parsed(await textOf(response, url));
    if (!isKeySet(set)) throw unavailable(url, 'answered with something else than a JSON Web Key Set');
    const { keys, skipped } = keysOfSet(set, algorithms);
    if (keys.length === 0)
      throw unavailable(url, `answered with no key that can verify tokens${why(skipped)}`);
    return keys;
  } catch (cause) {
    if (cause instanceof ConnectionError) throw cause;
    throw signal.aborted
      ? unavailable(url, `did not answer within ${PATIENCE_MS} ms`, cause)
      : unavailable(url, 'cannot be reached', cause);
  } finally {
    timer.cancel();
  }
}

function why(skipped: readonly string[]): string {
  if (skipped.length === 0) return ': the set is empty';
  return `: ${skipped.slice(0, 3).join(', ')}${skipped.length > 3 ? ' and so on' : ''}`;
}

/** Counted as it comes: the length that a server names need not be true. */
async function textOf(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw unavailable(url, `answered with more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unavailable(url: string, what: string, cause?: unknown): ConnectionError {
  return new ConnectionError(`The keys that verify tokens are not available: ${new URL(url).host} ${what}.`, {
    code: 'JWKS_UNAVAILABLE',
    cause,
  });
}
