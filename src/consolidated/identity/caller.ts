import { AsyncLocalStorage } from 'node:async_hooks';
import type { Answer } from '../../contract/answer.ts';
import { type Clock, systemClock } from '../../contract/clock.ts';
import { AuthenticationError } from '../../contract/errors.ts';
import { unexpired } from '../../contract/expiry.ts';
import type { Actor, Identity } from '../../contract/identity.ts';
import { keepShape } from '../../contract/kept-shapes.ts';
import { Actors, anonymous } from './actors.ts';
import { checkedToken, type TokenVerifier } from './token-verifier.ts';

/**
 * Who the calls of one handle act as. Returns a plain value if possible; a token is verified on first use.
 */
export interface Caller {
  resolve(): Answer<Actor>;
}

/** The identity that `runAs` made ambient, per service. */
export class AmbientIdentity {
  readonly #storage = new AsyncLocalStorage<Identity>();

  run<T>(identity: Identity, work: () => T): T {
    return this.#storage.run(identity, work);
  }

  get current(): Identity | undefined {
    return this.#storage.getStore();
  }
}

/** For a handle with its own identity. */
export class ExplicitCaller implements Caller {
  readonly #actor: Actor;
  readonly #clock: Clock;

  constructor(identity: Identity, actors: Actors, clock: Clock) {
    this.#actor = actors.of(identity);
    this.#clock = clock;
  }

  resolve(): Actor {
    return unexpired(this.#actor, this.#clock);
  }
}

keepShape(new ExplicitCaller(anonymous(), new Actors([]), systemClock));

/** For a handle without its own identity: the ambient one, otherwise the default, otherwise none. */
export class AmbientCaller implements Caller {
  readonly #ambient: AmbientIdentity;
  readonly #fallback: Identity | undefined;
  readonly #actors: Actors;
  readonly #clock: Clock;

  constructor(ambient: AmbientIdentity, fallback: Identity | undefined, actors: Actors, clock: Clock) {
    this.#ambient = ambient;
    this.#fallback = fallback;
    this.#actors = actors;
    this.#clock = clock;
  }

  resolve(): Actor {
    const identity = this.#ambient.current ?? this.#fallback;
    if (identity === undefined) {
      throw new AuthenticationError('This call has no identity.', {
        code: 'IDENTITY_REQUIRED',
        hint: "Use db.as(identity) or db.withToken(jwt), wrap the request in db.runAs(identity, …), or set the option 'defaultIdentity'.",
      });
    }
    return unexpired(this.#actors.of(identity), this.#clock);
  }
}

/** For a handle made from a token. The token is verified once; its expiry is checked on every call. */
export class TokenCaller implements Caller {
  readonly #token: string;
  readonly #verify: TokenVerifier;
  readonly #actors: Actors;
  readonly #clock: Clock;
  #actor: Actor | undefined;
  #verifying: Promise<Actor> | undefined;

  constructor(token: string, verify: TokenVerifier, actors: Actors, clock: Clock) {
    this.#token = checkedToken('withToken', token);
    this.#verify = verify;
    this.#actors = actors;
    this.#clock = clock;
  }

  resolve(): Answer<Actor> {
    if (this.#actor !== undefined) return unexpired(this.#actor, this.#clock);
    this.#verifying ??= this.#verify(this.#token).then(
      (identity) => {
        this.#actor = this.#actors.of(identity);
        return unexpired(this.#actor, this.#clock);
      },
      (error: unknown) => {
        // A failure to fetch keys may be temporary; the next call tries again.
        this.#verifying = undefined;
        throw error;
      },
    );
    return this.#verifying;
  }
}

/** For an actor that is already known: inside a transaction it stays the one from its start. */
export class KnownCaller implements Caller {
  readonly #actor: Actor;
  readonly #clock: Clock;

  constructor(actor: Actor, clock: Clock) {
    this.#actor = actor;
    this.#clock = clock;
  }

  resolve(): Actor {
    return unexpired(this.#actor, this.#clock);
  }
}

/** The identity of the caller now, for work that starts later, such as a stream that is read later. */
export function callerOfNow(caller: Caller, clock: Clock): Caller {
  let resolved: Answer<Actor>;
  try {
    resolved = caller.resolve();
  } catch (error) {
    return {
      resolve() {
        throw error;
      },
    };
  }
  if (!(resolved instanceof Promise)) return new KnownCaller(resolved, clock);
  // It is awaited later, or never. Its failure must not be an unhandled rejection.
  resolved.catch(() => undefined);
  return { resolve: () => resolved.then((actor) => unexpired(actor, clock)) };
}
