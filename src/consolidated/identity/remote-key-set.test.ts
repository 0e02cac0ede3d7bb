import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { RemoteKeySet } from './remote-key-set.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const made = async (alg: string): Promise<JWK> =>
  exportJWK((await generateKeyPair(alg, { extractable: true })).publicKey);
const JWKS: readonly JWK[] = [await made('ES256'), await made('ES256')];

/** An endpoint that answers as a test says, and counts how often it was asked. */
function fixture() {
  const clock = new FakeClock();
  const endpoint = {
    asked: 0,
    answer: (): Response | Promise<Response> => published('first'),
  };
  const keys = new RemoteKeySet('https://keys.test/jwks.json', ['ES256'], clock, async (_url, init) => {
    endpoint.asked += 1;
    const aborted = new Promise<never>((_, reject) => {
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
    return Promise.race([endpoint.answer(), aborted]);
  });
  /** How many keys of that identifier there are. */
  const find = async (kid?: string) => (await keys.keysFor({ alg: 'ES256', kid })).length;
  return { clock, endpoint, find };
}

const published = (...kids: string[]) =>
  Response.json({ keys: kids.map((kid, at) => ({ ...JWKS[at], kid })) });
const html = () =>
  new Response('<!doctype html><title>Sign in</title>', { headers: { 'content-type': 'text/html' } });
const down = () => Promise.reject(new TypeError('fetch failed'));
const unavailable = (message = /./) =>
  expect.objectContaining({
    code: 'JWKS_UNAVAILABLE',
    statusCode: 503,
    message: expect.stringMatching(message),
  });

describe('published keys', () => {
  it('are fetched once for all who wait, and kept', async () => {
    const { clock, endpoint, find } = fixture();
    expect(await Promise.all([find('first'), find('first'), find()])).toEqual([1, 1, 1]);
    await clock.advance(9 * MINUTE);
    expect(await find('first')).toBe(1);
    expect(endpoint.asked).toBe(1);
  });

  it('are fetched again when they are old: a key that was withdrawn serves no more', async () => {
    const { clock, endpoint, find } = fixture();
    await find('first');
    endpoint.answer = () => published('second');
    await clock.advance(10 * MINUTE);
    expect(await find('first')).toBe(0);
    expect(endpoint.asked).toBe(2);
  });

  it.each<[string, () => Response | Promise<Response>, RegExp]>([
    ['is down', down, /keys.test cannot be reached/],
    [
      'redirects',
      () => new Response(null, { status: 302, headers: { location: 'https://evil.test' } }),
      /status 302; redirects are not followed/,
    ],
    ['has a fault', () => new Response('{"keys":[]}', { status: 500 }), /status 500/],
    ['answers with HTML', html, /something else than a JSON Web Key Set/],
    ['answers with other JSON', () => Response.json({ keys: 'none' }), /something else/],
    ['has no keys', () => Response.json({ keys: [] }), /no key that can verify tokens: the set is empty/],
    [
      'has only keys of no use',
      () => Response.json({ keys: [null, { ...JWKS[0], use: 'enc' }] }),
      /no key that can verify tokens: key 1 is not an object, key 2 is not for signatures/,
    ],
    ['answers without end', () => new Response('x'.repeat(1 << 20)), /more than 524288 bytes/],
  ])('are not available while the endpoint %s', async (_name, answer, message) => {
    const { endpoint, find } = fixture();
    endpoint.answer = answer;
    await expect(find('first')).rejects.toEqual(unavailable(message));
  });

  it('are not available where the endpoint says nothing for three seconds', async () => {
    const { clock, endpoint, find } = fixture();
    endpoint.answer = () => new Promise(() => {});
    const told = expect(find('first')).rejects.toEqual(unavailable(/did not answer within 3000 ms/));
    await clock.advance(3 * SECOND);
    await told;
  });

  it('are asked for again two seconds after a failure, not with each call', async () => {
    const { clock, endpoint, find } = fixture();
    endpoint.answer = down;
    for (let call = 0; call < 20; call++) await expect(find('first')).rejects.toEqual(unavailable());
    expect(endpoint.asked).toBe(1);
    endpoint.answer = () => published('first');
    await clock.advance(2 * SECOND);
    expect(await find('first')).toBe(1);
  });
});

describe('a set that was fetched', () => {
  it.each<[string, () => unknown]>([
    ['no object', () => null],
    ['malformed', () => ({ ...JWKS[1], x: 'AA' })],
    ['of another curve', () => ({ kty: 'EC', crv: 'secp256k1', x: JWKS[1]?.x, y: JWKS[1]?.y })],
    ['private', () => ({ ...JWKS[1], d: JWKS[1]?.x })],
    ['an empty secret', () => ({ kty: 'oct', k: '' })],
  ])('is used without a key that is %s', async (_name, broken) => {
    const { endpoint, find } = fixture();
    const wrong = broken();
    const bad = wrong === null ? null : { ...(wrong as object), kid: 'bad' };
    endpoint.answer = () => Response.json({ keys: [bad, { ...JWKS[0], kid: 'good' }] });
    expect([await find('good'), await find('bad'), await find()]).toEqual([1, 0, 1]);
  });

  it('has one key under two kids', async () => {
    const { endpoint, find } = fixture();
    endpoint.answer = () =>
      Response.json({ keys: ['old', 'new', 'new'].map((kid) => ({ ...JWKS[0], kid })) });
    expect([await find('old'), await find('new')]).toEqual([1, 1]);
  });
});

describe('a key that was published since', () => {
  it('is found at once', async () => {
    const { clock, endpoint, find } = fixture();
    await find('first');
    endpoint.answer = () => published('first', 'rotated');
    await clock.advance(1);
    expect(await find('rotated')).toBe(1);
    expect(endpoint.asked).toBe(2);
  });

  it('costs one fetch where it is not there, until the cooldown has passed', async () => {
    const { clock, endpoint, find } = fixture();
    await find('first');
    for (let call = 0; call < 20; call++) expect(await find('forged')).toBe(0);
    expect(endpoint.asked).toBe(2);
    await clock.advance(30 * SECOND);
    expect(await find('forged')).toBe(0);
    expect(endpoint.asked).toBe(3);
  });

  it('does not let who forges one after the other hammer the endpoint', async () => {
    const { clock, endpoint, find } = fixture();
    await find('first');
    for (let at = 0; at < 500; at++) expect(await find(`forged ${at}`)).toBe(0);
    expect(endpoint.asked).toBe(1 + 5);
    for (let second = 0; second < 60; second++) {
      for (let at = 0; at < 50; at++) await find(`forged ${second} ${at}`);
      await clock.advance(SECOND);
    }
    expect(endpoint.asked).toBeLessThanOrEqual(1 + 5 + 6 + 2);
    expect(await find('first')).toBe(1);
  });

  it('is not said to be missing while nobody can say', async () => {
    const { clock, endpoint, find } = fixture();
    await find('first');
    endpoint.answer = html;
    await clock.advance(1);
    await expect(find('rotated')).rejects.toEqual(unavailable());
    await expect(find('rotated')).rejects.toEqual(unavailable());
    expect(await find('first')).toBe(1);
    expect(endpoint.asked).toBe(2);
  });

  it('is not asked for in the two seconds after a failure, whichever it is', async () => {
    const { clock, endpoint, find } = fixture();
    await find('first');
    endpoint.answer = down;
    for (const kid of ['one', 'two', 'three']) await expect(find(kid)).rejects.toEqual(unavailable());
    expect(endpoint.asked).toBe(2);
    endpoint.answer = () => published('first', 'two');
    await clock.advance(2 * SECOND);
    expect(await find('two')).toBe(1);
    expect(endpoint.asked).toBe(3);
  });
});

describe('keys that were fetched before the endpoint went down', () => {
  it('serve on for an hour, and then no more', async () => {
    const { clock, endpoint, find } = fixture();
    await find('first');
    endpoint.answer = down;
    await clock.advance(10 * MINUTE);
    expect(await find('first')).toBe(1);
    await clock.advance(49 * MINUTE);
    expect(await find('first')).toBe(1);
    await clock.advance(MINUTE);
    await expect(find('first')).rejects.toEqual(unavailable());
  });

  it.each<[string, () => unknown[]]>([
    ['an empty set', () => []],
    ['keys of no use', () => [{ ...JWKS[0], y: 'AA' }]],
  ])('serve on while it answers with %s', async (_name, answered) => {
    const { clock, endpoint, find } = fixture();
    await find('first');
    endpoint.answer = () => Response.json({ keys: answered() });
    await clock.advance(10 * MINUTE);
    expect(await find('first')).toBe(1);
    await clock.advance(49 * MINUTE);
    expect(await find('first')).toBe(1);
    await expect(find('other')).rejects.toEqual(unavailable());
    await clock.advance(MINUTE);
    await expect(find('first')).rejects.toEqual(unavailable());
  });

  it('serve without a wait once it is known, and are replaced when it is back', async () => {
    const { clock, endpoint, find } = fixture();
    await find('first');
    endpoint.answer = down;
    await clock.advance(10 * MINUTE);
    await find('first');
    endpoint.answer = () => new Promise(() => {});
    await clock.advance(2 * SECOND);
    // The endpoint hangs, and nobody moves the clock.
    expect(await find('first')).toBe(1);
    await clock.advance(5 * SECOND);
    endpoint.answer = () => published('second');
    expect(await find('first')).toBe(1);
    await clock.advance(0);
    expect(await find('first')).toBe(0);
    expect(await find('second')).toBe(1);
  });
});
