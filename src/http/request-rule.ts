import { anonymous } from '../consolidated/identity/actors.ts';
import type { ConsolidatedDatabaseService } from '../consolidated/typed/database-service.ts';
import { AuthenticationError, DatabaseError } from '../contract/errors.ts';
import type { Identity } from '../contract/identity.ts';
import { bearerToken } from './bearer-token.ts';
import { inRequest, requestSignal } from './current-request.ts';
import { checkHttpOptions, type HttpOptions } from './http-options.ts';
import { type HttpProblem, problemOfError, problemOfStatus } from './http-problem.ts';
import { loggedFault } from './logged-fault.ts';
import type { RequestHeaders } from './request-headers.ts';

/** What the middlewares need of a service, whatever its `Database`. */
export type IdentifyingService = Pick<ConsolidatedDatabaseService, 'verify' | 'runAs'>;

/** What every middleware does, once: token → identity → run as it → problem. Frameworks differ only in how they hand it over. */
export class RequestRule {
  readonly #db: IdentifyingService;
  readonly #options: HttpOptions;

  constructor(db: IdentifyingService, options: HttpOptions) {
    this.#db = db;
    this.#options = checkHttpOptions(options);
  }

  /** Who calls. A token is verified here, once for each request. */
  async identify(request: RequestHeaders): Promise<Identity> {
    const identified = await this.#options.identify?.(request);
    if (identified !== undefined) return identified;
    const token = bearerToken(request.header('authorization'));
    if (token !== undefined) return this.#db.verify(token);
    if (this.#options.anonymous !== 'refuse') return anonymous();
    throw new AuthenticationError('The request has no token.', { code: 'IDENTITY_REQUIRED' });
  }

  /** Runs the rest of a request as its caller. */
  run<T>(identity: Identity, signal: AbortSignal, rest: () => T): T {
    return inRequest({ identity, signal }, () => this.#db.runAs(identity, rest));
  }

  /** @param decided the status, where the framework made the error and decided on it */
  problem(error: unknown, decided?: number): HttpProblem {
    const problem = decided === undefined ? problemOfError(error) : problemOfStatus(decided);
    if (problem.status >= 500 && !isOfClient(error)) this.#log(error);
    return problem;
  }

  #log(error: unknown): void {
    try {
      this.#options.log(loggedFault(error), error);
    } catch (thrown) {
      // The client must get its answer all the same.
      const why = thrown instanceof Error ? thrown.message : 'no error';
      process.emitWarning(`The option 'log' threw: ${why}`, 'ConsolidatedDatabaseWarning');
    }
  }
}

/** What ended because the client has gone away is nobody's fault. */
function isOfClient(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === 'ABORTED' && requestSignal()?.aborted === true;
}
