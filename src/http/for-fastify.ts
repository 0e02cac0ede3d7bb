import { clientGone } from './client-gone.ts';
import { decidedStatus } from './decided-status.ts';
import type { HttpOptions } from './http-options.ts';
import { type HttpProblem, isOfBody, NO_SUCH_PATH } from './http-problem.ts';
import { ofNode } from './request-headers.ts';
import { type IdentifyingService, RequestRule } from './request-rule.ts';

/** The part of Fastify's `FastifyRequest` that is needed. */
interface FastifyRequestPart {
  readonly raw: { readonly rawHeaders: readonly string[] };
}

/** The part of Fastify's `FastifyReply` that is needed. */
interface FastifyReplyPart {
  readonly raw: {
    readonly closed: boolean;
    readonly writableFinished: boolean;
    once(event: 'close', listener: () => void): unknown;
  };
  getHeaders(): object;
  removeHeader(name: string): unknown;
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: Uint8Array): unknown;
}

type Done = (error?: Error) => void;
type Hook = (request: FastifyRequestPart, reply: FastifyReplyPart, done: Done) => void;

/** The part of Fastify's `FastifyInstance` that is needed. */
interface FastifyPart {
  addHook(name: 'onRequest', hook: Hook): unknown;
  setNotFoundHandler(handler: (request: FastifyRequestPart, reply: FastifyReplyPart) => void): unknown;
  setErrorHandler(
    handler: (error: unknown, request: FastifyRequestPart, reply: FastifyReplyPart) => void,
  ): unknown;
}

/** For `register` of Fastify. */
export type FastifyMiddleware = (instance: FastifyPart, options: object, done: () => void) => void;

/**
 * The plugin for [Fastify](https://fastify.dev) 5: verifies the token of a request once, runs the routes as its owner, and answers
 * errors as `application/problem+json`. It applies to all routes of the instance that it is registered on, and of those inside
 * it: what shall be open to all, such as health checks, goes beside that instance.
 *
 * @throws UsageError `INVALID_OPTION`
 *
 * @example
 * ```ts
 * app.register(async (api) => {
 *   await api.register(forFastify(db, { log: (fault) => console.error(JSON.stringify(fault)) }));
 *   api.get('/trips', () => db.select('trips', { signal: requestSignal() }));
 * });
 * ```
 */
export function forFastify(db: IdentifyingService, options: HttpOptions): FastifyMiddleware {
  const rule = new RequestRule(db, options);
  const plugin: FastifyMiddleware = (instance, _options, done) => {
    // Before the body is read: what is refused costs nothing more.
    instance.addHook('onRequest', (request, reply, next) => {
      const signal = clientGone(reply.raw);
      rule
        .identify(ofNode(request.raw))
        .then((identity) => rule.run(identity, signal, next))
        .catch(next);
    });
    instance.setNotFoundHandler((_request, reply) => send(NO_SUCH_PATH, reply));
    instance.setErrorHandler((error, _request, reply) => {
      send(rule.problem(error, decidedStatus(error)), reply);
    });
    done();
  };
  // Fastify would otherwise keep hooks and handlers of a plugin to the routes inside it.
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true });
}

function send({ status, headers, body }: HttpProblem, reply: FastifyReplyPart): void {
  for (const name of Object.keys(reply.getHeaders())) if (isOfBody(name)) reply.removeHeader(name);
  reply.code(status);
  reply.headers({ ...headers });
  // To a text Fastify would add a charset, which this type has not.
  reply.send(Buffer.from(body));
}
