import { DatabaseError } from './errors.ts';

/** A problem for the body of an HTTP response, by RFC 9457 (`application/problem+json`). */
export interface PublicError {
  /** The problem is no other than its status says; `code` has the details. */
  readonly type: 'about:blank';
  /** The name of the status. */
  readonly title: string;
  readonly status: PublicStatus;
  /** Stable: safe to switch on. Of errors with status 500 and above it says only what a client may do. */
  readonly code: string;
  /** The column whose value is to blame, for the statuses 400, 409 and 422, where it is known. */
  readonly field?: string;
  /** Of the statuses 429 and 503, where it is known: milliseconds after which another request may succeed. */
  readonly retryAfterMs?: number;
}

/** By their names in RFC 9110. */
const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
} as const;

type PublicStatus = keyof typeof TITLES;

const INTERNAL = 'INTERNAL';
const UNAVAILABLE = 'UNAVAILABLE';
const TIMEOUT = 'TIMEOUT';
const OUTCOME_UNKNOWN = 'OUTCOME_UNKNOWN';
/** The write was committed: sending it again would write twice. */
const APPLIED = 'APPLIED';

/**
 * What a client may read of an error: neither messages nor hints, tables, constraints or SQL. Anything else that was thrown, and
 * every fault of the service itself, is a plain 500. For logs there is `toJSON()`.
 *
 * @example
 * ```ts
 * app.onError((error, c) => {
 *   log.error(error);
 *   const problem = publicError(error);
 *   return c.json(problem, problem.status, { 'content-type': 'application/problem+json' });
 * });
 * ```
 */
export function publicError(error: unknown): PublicError {
  if (!(error instanceof DatabaseError)) return problem(500, INTERNAL);
  const { statusCode, code, field, outcome, retryAfterMs } = error;
  if (!isPublicStatus(statusCode)) return problem(500, INTERNAL);
  switch (statusCode) {
    case 400:
    case 409:
    case 422:
      return { ...problem(statusCode, code), ...(field !== undefined && { field }) };
    case 401:
    case 403:
    case 404:
      return problem(statusCode, code);
    case 429:
      return { ...problem(statusCode, code), ...(retryAfterMs !== undefined && { retryAfterMs }) };
    default:
      if (outcome === 'applied') return problem(statusCode, APPLIED);
      return {
        ...problem(statusCode, outcome === 'unknown' ? OUTCOME_UNKNOWN : FAULTS[statusCode]),
        ...(statusCode === 503 && retryAfterMs !== undefined && { retryAfterMs }),
      };
  }
}

/** All that is said of a fault that is not the client's. */
const FAULTS = { 500: INTERNAL, 503: UNAVAILABLE, 504: TIMEOUT } as const;

function problem(status: PublicStatus, code: string): PublicError {
  return { type: 'about:blank', title: TITLES[status], status, code };
}

function isPublicStatus(status: number): status is PublicStatus {
  return Object.hasOwn(TITLES, status);
}
