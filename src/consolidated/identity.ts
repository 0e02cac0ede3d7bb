import { AuthenticationError, ValidationError } from '../contract/errors.ts';
import type {
  Actor,
  AnonymousIdentity,
  Claims,
  Identity,
  ServiceIdentity,
  UserIdentity,
} from '../contract/identity.ts';
import { asciiJson } from '../modes/wire/set-up.ts';

const ANONYMOUS: AnonymousIdentity = Object.freeze({ kind: 'anonymous' });
const SERVICE: ServiceIdentity = Object.freeze({ kind: 'service' });

/** Claims travel with every batch; a token of this size is a mistake or an attack. */
const MAX_CLAIMS_BYTES = 8 * 1024;

/** A caller without a token: the role `anon`. */
export function anonymous(): Identity {
  return ANONYMOUS;
}

/**
 * A caller whose claims this code vouches for: from a session it trusts, or a token verified elsewhere.
 * For a token that nobody has verified yet use `db.withToken(jwt)`.
 *
 * The role is `authenticated` unless the claims name another one that the options allow.
 *
 * @example
 * ```ts
 * const mine = await db.as(user({ sub: session.userId })).select('trips');
 * ```
 */
export function user(claims: Claims): Identity {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    throw new ValidationError("user() takes the claims as an object, such as user({ sub: '…' }).", {
      code: 'INVALID_CLAIMS',
    });
  }
  if (claims.sub !== undefined && typeof claims.sub !== 'string') {
    throw new ValidationError("The claim 'sub' must be a string.", { code: 'INVALID_CLAIMS' });
  }
  const identity: UserIdentity = { kind: 'user', claims: Object.freeze({ ...claims }) };
  return Object.freeze(identity);
}

/** This backend itself, past row level security. Search the code for `service()` to see who uses it. */
export function service(): Identity {
  return SERVICE;
}

/** Turns identities into actors by the fixed map of roles; a claim can never choose a role outside it. */
export class Actors {
  readonly #roles: ReadonlySet<string>;
  readonly #users = new WeakMap<UserIdentity, Actor>();
  readonly #anonymous = actor('anonymous', 'anon', '{"role":"anon"}', undefined);
  readonly #service = actor('service', 'service_role', '{"role":"service_role"}', undefined);

  /** @param furtherRoles - roles that a token may take besides `anon` and `authenticated` */
  constructor(furtherRoles: readonly string[]) {
    this.#roles = new Set(['anon', 'authenticated', ...furtherRoles]);
  }

  of(identity: Identity): Actor {
    switch (identity.kind) {
      case 'anonymous':
        return this.#anonymous;
      case 'service':
        return this.#service;
      case 'user': {
        const kept = this.#users.get(identity);
        if (kept !== undefined) return kept;
        const made = this.#user(identity.claims);
        this.#users.set(identity, made);
        return made;
      }
      default:
        throw new ValidationError('This is no identity: use anonymous(), user(claims) or service().', {
          code: 'INVALID_IDENTITY',
        });
    }
  }

  #user(claims: Claims): Actor {
    const role = claims.role ?? 'authenticated';
    if (typeof role !== 'string' || !this.#roles.has(role)) {
      throw new AuthenticationError(
        `The role that the claims name is not one a user may take; allowed are: ${[...this.#roles].join(', ')}.`,
        {
          code: 'ROLE_NOT_ALLOWED',
          hint: "Name further roles in the option 'roles'. The service role is taken by service() only.",
        },
      );
    }
    const text = asciiJson({ ...claims, role });
    if (text.length > MAX_CLAIMS_BYTES) {
      throw new AuthenticationError(
        `The claims take ${text.length} bytes; at most ${MAX_CLAIMS_BYTES} are allowed.`,
        {
          code: 'CLAIMS_TOO_LARGE',
        },
      );
    }
    if (claims.exp !== undefined && typeof claims.exp !== 'number') {
      throw new ValidationError("The claim 'exp' must be a number of seconds.", { code: 'INVALID_CLAIMS' });
    }
    return actor('user', role, text, claims.exp === undefined ? undefined : claims.exp * 1000);
  }
}

function actor(kind: Identity['kind'], role: string, claims: string, expiresAt: number | undefined): Actor {
  return Object.freeze({ kind, role, claims, expiresAt });
}
