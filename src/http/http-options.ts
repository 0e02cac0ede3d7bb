import { z } from 'zod';
import { UsageError } from '../contract/errors.ts';
import type { Identity } from '../contract/identity.ts';
import type { LoggedFault } from './logged-fault.ts';
import type { RequestHeaders } from './request-headers.ts';

/** Options of the middlewares. */
export interface HttpOptions {
  /**
   * Gets every fault that is answered with status 500 and above: without values, so that it can be logged as it is. `error` is
   * what was thrown; unless it is a `DatabaseError`, its message may hold what your code put there. Not called where the client
   * has gone away.
   */
  readonly log: (fault: LoggedFault, error: unknown) => void;
  /**
   * What a request without a token is: anonymous, so that row level security decides what it sees, or refused with 401.
   *
   * @defaultValue 'allow'
   */
  readonly anonymous?: 'allow' | 'refuse' | undefined;
  /**
   * Another way to say who calls, such as an API key. It is asked first. What it returns counts, whatever token the request has
   * beside; undefined leaves the decision to the token. Throw an `AuthenticationError` to refuse.
   *
   * @example
   * ```ts
   * identify: async ({ header }) => {
   *   const key = header('x-api-key');
   *   return key === undefined ? undefined : ownerOf(key);
   * }
   * ```
   */
  readonly identify?:
    | ((request: RequestHeaders) => Identity | undefined | Promise<Identity | undefined>)
    | undefined;
}

const callable = z.custom((value) => typeof value === 'function', 'must be a function');
const Options = z.strictObject({
  log: callable,
  anonymous: z.enum(['allow', 'refuse']).optional(),
  identify: callable.optional(),
});

/** Throws UsageError `INVALID_OPTION`. */
export function checkHttpOptions(options: HttpOptions): HttpOptions {
  const { error } = Options.safeParse(options);
  if (error === undefined) return { ...options };
  throw new UsageError(`The options of the middleware are invalid: ${z.prettifyError(error)}`, {
    code: 'INVALID_OPTION',
  });
}
