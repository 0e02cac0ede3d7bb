import type { HttpOptions } from './http-options.ts';
import { type HttpProblem, NO_SUCH_PATH } from './http-problem.ts';
import { ofFetch } from './request-headers.ts';
import { type IdentifyingService, RequestRule } from './request-rule.ts';

/** The part of Hono's `Context` that is needed. */
interface HonoContext {
  readonly req: { readonly raw: Request };
}

/** For `app.use`, `app.notFound` and `app.onError` of Hono. */
export interface HonoMiddleware {
  /** Runs what comes after it as the caller of the request. */
  readonly caller: (context: HonoContext, next: () => Promise<void>) => Promise<void>;
  /** Answers what no route has. */
  readonly notFound: () => Response;
  /** Answers an error by what a client may read of it, and logs what is a fault of the server. */
  readonly onError: (error: Error) => Response;
}

/**
 * The middleware for [Hono](https://hono.dev): verifies the token of a request once, runs the routes as its owner, and answers
 * errors as `application/problem+json`.
 *
 * @throws UsageError `INVALID_OPTION`
 *
 * @example
 * ```ts
 * const http = forHono(db, { log: (fault) => console.error(JSON.stringify(fault)) });
 * app.use(http.caller);
 * app.notFound(http.notFound);
 * app.onError(http.onError);
 * app.get('/trips', async (c) => c.json(await db.select('trips', { signal: requestSignal() })));
 * ```
 */
export function forHono(db: IdentifyingService, options: HttpOptions): HonoMiddleware {
  const rule = new RequestRule(db, options);
  return {
    caller: async (context, next) => {
      const request = context.req.raw;
      await rule.run(await rule.identify(ofFetch(request)), request.signal, next);
    },
    notFound: () => responseOf(NO_SUCH_PATH),
    onError: (error) => {
      const made = madeByHono(error);
      const problem = responseOf(rule.problem(error, made?.status));
      // It has a response of its own: whoever threw it has decided on all of it.
      return made?.res === undefined ? problem : made.getResponse();
    },
  };
}

function responseOf({ status, headers, body }: HttpProblem): Response {
  return new Response(body, { status, headers });
}

/** Hono's `HTTPException`. Other errors may have a `status` too, such as that of a server that was asked. */
interface HonoException {
  readonly status: number;
  readonly res?: Response | undefined;
  getResponse(): Response;
}

function madeByHono(error: Error): HonoException | undefined {
  return isException(error) ? error : undefined;
}

function isException(error: Error): error is Error & HonoException {
  return (
    'getResponse' in error &&
    typeof error.getResponse === 'function' &&
    'status' in error &&
    typeof error.status === 'number'
  );
}
