import { clientGone } from './client-gone.ts';
import { decidedStatus } from './decided-status.ts';
import type { HttpOptions } from './http-options.ts';
import { type HttpProblem, isOfBody, NO_SUCH_PATH } from './http-problem.ts';
import { ofNode } from './request-headers.ts';
import { type IdentifyingService, RequestRule } from './request-rule.ts';

/** The part of Express' `Request` that is needed. */
interface ExpressRequest {
  readonly rawHeaders: readonly string[];
}

/** The part of Express' `Response` that is needed. */
interface ExpressResponse {
  readonly headersSent: boolean;
  readonly closed: boolean;
  readonly writableFinished: boolean;
  once(event: 'close', listener: () => void): unknown;
  getHeaderNames(): string[];
  removeHeader(name: string): void;
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

/** For `app.use` of Express 5: `caller` before the routes, then `notFound` and `onError` behind them. */
export interface ExpressMiddleware {
  /** Runs what comes after it as the caller of the request. */
  readonly caller: (request: ExpressRequest, response: ExpressResponse, next: Next) => void;
  /** Answers what no route has. */
  readonly notFound: (request: ExpressRequest, response: ExpressResponse) => void;
  /** Answers an error by what a client may read of it, and logs what is a fault of the server. */
  readonly onError: (error: unknown, request: ExpressRequest, response: ExpressResponse, next: Next) => void;
}

type Next = (error?: unknown) => void;

/**
 * The middleware for [Express](https://expressjs.com) 5: verifies the token of a request once, runs the routes as its owner, and
 * answers errors as `application/problem+json`.
 *
 * @throws UsageError `INVALID_OPTION`
 *
 * @example
 * ```ts
 * const http = forExpress(db, { log: (fault) => console.error(JSON.stringify(fault)) });
 * app.use(http.caller);
 * app.get('/trips', async (_request, response) => {
 *   response.json(await db.select('trips', { signal: requestSignal() }));
 * });
 * app.use(http.notFound);
 * app.use(http.onError);
 * ```
 */
export function forExpress(db: IdentifyingService, options: HttpOptions): ExpressMiddleware {
  const rule = new RequestRule(db, options);
  return {
    caller: (request, response, next) => {
      const signal = clientGone(response);
      rule
        .identify(ofNode(request))
        .then((identity) => rule.run(identity, signal, next))
        .catch(next);
    },
    notFound: (_request, response) => send(NO_SUCH_PATH, response),
    // Express tells a handler of errors by its four parameters.
    onError: (error, _request, response, next) => {
      const problem = rule.problem(error, decidedStatus(error));
      if (response.headersSent) next(error);
      else send(problem, response);
    },
  };
}

function send({ status, headers, body }: HttpProblem, response: ExpressResponse): void {
  for (const name of response.getHeaderNames()) if (isOfBody(name)) response.removeHeader(name);
  response.writeHead(status, { ...headers });
  response.end(body);
}
