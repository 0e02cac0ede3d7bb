import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import express from 'express';
import Fastify, { type RouteHandlerMethod } from 'fastify';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import {
  forExpress,
  forFastify,
  forHono,
  type HttpOptions,
  type IdentifyingService,
} from '../../src/http/index.ts';
import { type Monitoring, monitoringHandler, nodeListener } from '../../src/index.ts';

/** What the routes answer, whatever the framework. */
export type Routes = Readonly<Record<string, (body: unknown) => unknown>>;

export interface RunningApp extends AsyncDisposable {
  readonly url: string;
}

interface AppOptions {
  readonly db: Monitoring & IdentifyingService;
  readonly options: HttpOptions;
  /** By `GET /path` or `POST /path`. */
  readonly routes: Routes;
}

/** An app of each framework, made as the guide says: monitoring, then the middleware, then the routes. */
export const FRAMEWORKS = {
  async hono({ db, options, routes }: AppOptions): Promise<RunningApp> {
    const app = new Hono();
    const http = forHono(db, options);
    const monitoring = monitoringHandler(db);
    app.get('/health/*', (c) => monitoring(c.req.raw));
    app.use(http.caller);
    app.notFound(http.notFound);
    app.onError(http.onError);
    for (const [method, path, answer] of listed(routes)) {
      app.on(method, path, async (c) => {
        c.header('content-type', 'text/csv');
        const body = method === 'POST' ? await c.req.json().catch(refuseBody) : undefined;
        return Response.json((await answer(body)) ?? null);
      });
    }
    app.get('/cut', () => new Response(ReadableStream.from(broken())));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    if (!server.listening) await once(server, 'listening');
    return running(server, () => new Promise((resolve) => server.close(resolve)));
  },

  async express({ db, options, routes }: AppOptions): Promise<RunningApp> {
    const app = express();
    const http = forExpress(db, options);
    const monitoring = nodeListener(monitoringHandler(db));
    app.get('/health/:which', monitoring);
    app.use(http.caller);
    app.use(express.json());
    for (const [method, path, answer] of listed(routes)) {
      app[method === 'GET' ? 'get' : 'post'](path, async (request, response) => {
        response.type('text/csv').set('content-length', '7');
        const answered = (await answer(request.body)) ?? null;
        response.removeHeader('content-length');
        response.json(answered);
      });
    }
    app.get('/cut', async (_request, response) => {
      for await (const chunk of broken()) response.write(chunk);
    });
    app.use(http.notFound);
    app.use(http.onError);
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return running(server, () => new Promise((resolve) => server.close(resolve)));
  },

  async fastify({ db, options, routes }: AppOptions): Promise<RunningApp> {
    const app = Fastify();
    const monitoring = nodeListener(monitoringHandler(db));
    app.get('/health/:which', (request, reply) => {
      reply.hijack();
      monitoring(request.raw, reply.raw);
    });
    // In a scope of its own: the hooks of a plugin apply to all routes of its instance, also to earlier ones.
    await app.register(async (api) => {
      await api.register(forFastify(db, options));
      for (const [method, url, answer] of listed(routes)) {
        const handler: RouteHandlerMethod = async (request, reply) => {
          reply.header('content-type', 'text/csv').header('content-length', '7');
          const answered = (await answer(request.body)) ?? null;
          reply.removeHeader('content-length');
          return reply.type('application/json').send(answered);
        };
        api.route({ method, url, handler });
      }
      api.get('/cut', (_request, reply) => reply.send(Readable.from(broken())));
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return running(app.server, () => app.close());
  },
} as const satisfies Record<string, (of: AppOptions) => Promise<RunningApp>>;

/** A body that fails when its head and the first part of it have been sent. */
async function* broken(): AsyncGenerator<Uint8Array, void> {
  yield new TextEncoder().encode('the first part');
  await setImmediate();
  throw new Error('The second part is missing.');
}

function listed(routes: Routes): ['GET' | 'POST', string, Routes[string]][] {
  return Object.entries(routes).map(([route, answer]) => {
    const [method, path = ''] = route.split(' ');
    return [method === 'POST' ? 'POST' : 'GET', path, answer];
  });
}

function refuseBody(): never {
  throw new HTTPException(400);
}

function running(server: Pick<Server, 'address'>, close: () => Promise<unknown>): RunningApp {
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      await close();
    },
  };
}
