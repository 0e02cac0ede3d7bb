import { AuthenticationError, UsageError, ValidationError } from '../../contract/errors.ts';
import type {
  Actor,
  AnonymousIdentity,
  Claims,
  Identity,
  ServiceIdentity,
  UserIdentity,
} from '../../contract/identity.ts';
import { own } from '../../contract/own-property.ts';
import { asciiJson } from './ascii-json.ts';
import { copiedClaims } from './copied-claims.ts';
import { KeptByClaims } from './kept-by-claims.ts';

/**
 * The identities that the functions below make. The private fields are a brand: an object that only looks
 * like an identity, such as one parsed from JSON, is refused. Only `service()` gives the service identity.
 */
class MadeIdentity {
  readonly kind: Identity['kind'];
  readonly claims: Claims | undefined;
  /** The claims as JSON. */
  readonly #text: string;
  /** The last actor of the identity, and the role map that gave it. */
  #actor: Actor | undefined;
  #actors: Actors | undefined;

  constructor(kind: Identity['kind'], claims?: Claims, text = '') {
    this.kind = kind;
    this.claims = claims;
    this.#text = text;
  }

  static actorOf(
    identity: unknown,
    actors: Actors,
    make: (identity: MadeIdentity, text: string) => Actor,
  ): Actor {
    if (typeof identity !== 'object' || identity === null || !(#actor in identity)) {
      throw new UsageError('The identity is invalid: use anonymous(), user(claims) or service().', {
        code: 'INVALID_IDENTITY',
      });
    }
    if (identity.#actor === undefined || identity.#actors !== actors) {
      identity.#actor = make(identity, identity.#text);
      identity.#actors = actors;
    }
    return identity.#actor;
  }
}

const ANONYMOUS = Object.freeze(new MadeIdentity('anonymous')) as AnonymousIdentity;
const SERVICE = Object.freeze(new MadeIdentity('service')) as ServiceIdentity;

const DEFAULT_ROLE = 'authenticated';
const SERVICE_ROLE = 'service_role';
/** Claims are sent with every batch; a larger token is a mistake or an attack. */
const MAX_CLAIMS_BYTES = 8 * 1024;

/** A caller without a token: the role `anon`. */
export function anonymous(): AnonymousIdentity {
  return ANONYMOUS;
}

/**
 * A caller whose claims this code guarantees: from a trusted session, or a token verified elsewhere.
 * For a token that is not verified yet, use `db.withToken(jwt)`.
 *
 * The role is `authenticated` unless the claims name another one that the options allow. The claims are JSON values;
 * they are copied, so later changes of the object have no effect. Those of the identity cannot be changed: equal claims
 * may give the same identity.
 *
 * @throws ValidationError `INVALID_CLAIMS`
 *
 * @example
 * ```ts
 * const mine = await db.as(user({ sub: session.userId })).select('trips');
 * ```
 */
export function user(claims: Claims): UserIdentity {
  return kept.get(claims) ?? made(claims);
}

const kept = new KeptByClaims<UserIdentity>();

function made(claims: Claims): UserIdentity {
  const copy = copiedClaims(claims);
  const sub = own(copy, 'sub');
  if (sub !== undefined && typeof sub !== 'string') {
    throw new ValidationError("The claim 'sub' must be a string.", { code: 'INVALID_CLAIMS' });
  }
  const exp = own(copy, 'exp');
  if (exp !== undefined && typeof exp !== 'number') {
    throw new ValidationError("The claim 'exp' must be a number of seconds.", { code: 'INVALID_CLAIMS' });
  }
  // As text at once: what is done to the objects within the claims later has no effect.
  const text = asciiJson({ ...copy, role: own(copy, 'role') ?? DEFAULT_ROLE });
  const identity = Object.freeze(new MadeIdentity('user', copy, text)) as UserIdentity;
  kept.set(copy, text.length, identity);
  return identity;
}

/** This backend itself. It bypasses row level security. Search the code for `service()` to see who uses it. */
export function service(): ServiceIdentity {
  return SERVICE;
}

/** Turns identities into actors by the fixed map of roles; a claim can never choose a role outside it. */
export class Actors {
  readonly #roles: ReadonlySet<string>;
  readonly #make = (identity: MadeIdentity, text: string): Actor => {
    if (identity.kind === 'user') return this.#user(identity.claims ?? {}, text);
    const role = identity.kind === 'service' ? SERVICE_ROLE : 'anon';
    return { kind: identity.kind, role, claims: asciiJson({ role }), expiresAt: undefined };
  };

  /** @param furtherRoles - roles that a token may take besides `anon` and `authenticated` */
  constructor(furtherRoles: readonly string[]) {
    this.#roles = new Set(['anon', 'authenticated', ...furtherRoles]);
  }

  /** Every role that an actor can have. */
  get roles(): readonly string[] {
    return [...this.#roles, SERVICE_ROLE];
  }

  /** @throws UsageError `INVALID_IDENTITY`; AuthenticationError if the claims are invalid */
  of(identity: Identity): Actor {
    return MadeIdentity.actorOf(identity, this, this.#make);
  }

  #user(claims: Claims, text: string): Actor {
    const role = own(claims, 'role') ?? DEFAULT_ROLE;
    if (typeof role !== 'string' || !this.#roles.has(role)) {
      throw new AuthenticationError(
        `The role in the claims is not allowed for a user. Allowed roles: ${[...this.#roles].join(', ')}.`,
        {
          code: 'ROLE_NOT_ALLOWED',
          hint: "Add further roles to the option 'roles'. Only service() can use the service role.",
        },
      );
    }
    if (text.length > MAX_CLAIMS_BYTES) {
      throw new AuthenticationError(
        `The claims have ${text.length} bytes. The maximum is ${MAX_CLAIMS_BYTES} bytes.`,
        {
          code: 'CLAIMS_TOO_LARGE',
        },
      );
    }
    const exp = own(claims, 'exp');
    const expiresAt = exp === undefined ? undefined : exp * 1000;
    return { kind: 'user', role, claims: text, expiresAt };
  }
}
