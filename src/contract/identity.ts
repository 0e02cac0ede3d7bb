/**
 * Who a statement runs as.
 *
 * - `anonymous`: a caller without a token.
 * - `user`: a caller with claims, from a verified token or from code that guarantees them.
 * - `service`: this backend itself. It bypasses row level security.
 */
export type Identity = AnonymousIdentity | UserIdentity | ServiceIdentity;

/** A caller without a token; made by `anonymous()`. */
export interface AnonymousIdentity {
  readonly kind: 'anonymous';
}

/** A caller with claims; made by `user(claims)`, and by `db.verify(token)` of a token. */
export interface UserIdentity {
  readonly kind: 'user';
  readonly claims: Claims;
}

/** This backend itself; made by `service()`. */
export interface ServiceIdentity {
  readonly kind: 'service';
}

/** The claims of a token, as `auth.jwt()` shows them in SQL. `exp` is in seconds since the epoch. */
export interface Claims {
  readonly sub?: string;
  readonly role?: string;
  readonly exp?: number;
  readonly [name: string]: unknown;
}

/** An identity after the role map: what the connection needs to act as it. */
export interface Actor {
  readonly kind: Identity['kind'];
  /** The database role, from the fixed map. */
  readonly role: string;
  /** JSON text for `request.jwt.claims`. */
  readonly claims: string;
  /** Milliseconds since the epoch, after which every call is refused; undefined when it does not expire. */
  readonly expiresAt: number | undefined;
}
