import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { Actor, Identity, UserIdentity } from '../../contract/identity.ts';
import { Actors, user } from './actors.ts';
import {
  AmbientCaller,
  AmbientIdentity,
  callerOfNow,
  ExplicitCaller,
  KnownCaller,
  TokenCaller,
} from './caller.ts';

const expired = expect.objectContaining({ code: 'TOKEN_EXPIRED', statusCode: 401 });

function fixture() {
  const clock = new FakeClock();
  const actors = new Actors([]);
  /** A second from now. */
  const mortal = user({ sub: 'ann', exp: clock.wallNow() / 1000 + 1 });
  const ambient = new AmbientIdentity();
  const asAmbient = (fallback?: Identity) => new AmbientCaller(ambient, fallback, actors, clock);
  return { clock, actors, mortal, ambient, asAmbient };
}

describe('an identity that expires', () => {
  it('acts until then, as the one of a handle', async () => {
    const { clock, actors, mortal } = fixture();
    const caller = new ExplicitCaller(mortal, actors, clock);
    await clock.advance(999);
    expect(caller.resolve()).toMatchObject({ role: 'authenticated' });
    await clock.advance(1);
    expect(() => caller.resolve()).toThrow(expired);
  });

  it('acts until then, as the ambient one', async () => {
    const { clock, mortal, ambient, asAmbient } = fixture();
    const caller = asAmbient();
    await clock.advance(999);
    expect(ambient.run(mortal, () => caller.resolve())).toMatchObject({ role: 'authenticated' });
    await clock.advance(1);
    expect(() => ambient.run(mortal, () => caller.resolve())).toThrow(expired);
  });

  it('acts until then, as the one by default', async () => {
    const { clock, mortal, asAmbient } = fixture();
    const caller = asAmbient(mortal);
    expect(caller.resolve()).toMatchObject({ role: 'authenticated' });
    await clock.advance(1_000);
    expect(() => caller.resolve()).toThrow(expired);
  });

  it('acts until then, as the one of a transaction', async () => {
    const { clock, actors, mortal } = fixture();
    const caller = new KnownCaller(actors.of(mortal), clock);
    expect(caller.resolve()).toMatchObject({ role: 'authenticated' });
    await clock.advance(1_000);
    expect(() => caller.resolve()).toThrow(expired);
  });

  it('acts until then, as that of a stream that is read later', async () => {
    const { clock, actors, mortal } = fixture();
    const now = callerOfNow(new ExplicitCaller(mortal, actors, clock), clock);
    expect(now.resolve()).toMatchObject({ role: 'authenticated' });
    await clock.advance(1_000);
    expect(() => now.resolve()).toThrow(expired);
  });

  it('acts until then, as that of a stream whose token is verified meanwhile', async () => {
    const { clock, actors, mortal } = fixture();
    const verified = Promise.withResolvers<Actor>();
    const now = callerOfNow({ resolve: () => verified.promise }, clock);
    verified.resolve(actors.of(mortal));
    expect(await now.resolve()).toMatchObject({ role: 'authenticated' });
    await clock.advance(1_000);
    await expect(now.resolve()).rejects.toEqual(expired);
  });

  it('refuses a stream when that is read, not when it is made', async () => {
    const { clock, actors, mortal } = fixture();
    const caller = new ExplicitCaller(mortal, actors, clock);
    await clock.advance(1_000);
    const now = callerOfNow(caller, clock);
    expect(() => now.resolve()).toThrow(expired);
  });
});

describe('a handle without an identity of its own', () => {
  it('is the ambient one before the one by default', () => {
    const { ambient, asAmbient } = fixture();
    const caller = asAmbient(user({ sub: 'by default' }));
    expect(caller.resolve()).toMatchObject({ claims: expect.stringContaining('by default') });
    ambient.run(user({ sub: 'ambient' }), () =>
      expect(caller.resolve()).toMatchObject({ claims: expect.stringContaining('ambient') }),
    );
  });

  it('is refused where there is neither', () => {
    expect(() => fixture().asAmbient().resolve()).toThrow(
      expect.objectContaining({ code: 'IDENTITY_REQUIRED' }),
    );
  });
});

describe('a handle made of a token', () => {
  function withToken(verify: (attempt: number) => Promise<UserIdentity>) {
    const parts = fixture();
    let verified = 0;
    const counting = () => {
      verified += 1;
      return verify(verified);
    };
    const caller = new TokenCaller('a.b.c', counting, parts.actors, parts.clock);
    return { ...parts, caller, verified: () => verified };
  }

  it('verifies it once, however many call at once and later', async () => {
    const { caller, verified } = withToken(async () => user({ sub: 'ann' }));
    const [first, second] = await Promise.all([caller.resolve(), caller.resolve()]);
    expect(await caller.resolve()).toBe(first);
    expect([second, verified()]).toEqual([first, 1]);
  });

  it('acts no more once the token has expired', async () => {
    const { mortal } = fixture();
    const { clock, caller } = withToken(async () => mortal);
    expect(await caller.resolve()).toMatchObject({ role: 'authenticated' });
    await clock.advance(999);
    expect(await caller.resolve()).toMatchObject({ role: 'authenticated' });
    await clock.advance(1);
    expect(() => caller.resolve()).toThrow(expired);
  });

  it('does not act when the token expires while it is verified', async () => {
    const { mortal } = fixture();
    const fetched = Promise.withResolvers<UserIdentity>();
    const { clock, caller } = withToken(() => fetched.promise);
    const resolved = caller.resolve();
    await clock.advance(1_000);
    fetched.resolve(mortal);
    await expect(resolved).rejects.toEqual(expired);
  });

  it('verifies again after a failure, which may pass', async () => {
    const { caller } = withToken((attempt) =>
      attempt === 1 ? Promise.reject(new Error('no keys')) : Promise.resolve(user({ sub: 'ann' })),
    );
    await expect(caller.resolve()).rejects.toThrow('no keys');
    expect(await caller.resolve()).toMatchObject({ role: 'authenticated' });
  });

  it.each(['', null, undefined, 7])('refuses %j at once', (token) => {
    const { actors, clock } = fixture();
    const verify = () => Promise.reject(new Error('Nobody asks.'));
    expect(() => new TokenCaller(token as string, verify, actors, clock)).toThrow(
      expect.objectContaining({ code: 'TOKEN_INVALID' }),
    );
  });
});
