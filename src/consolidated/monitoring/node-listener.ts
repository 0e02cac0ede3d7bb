import type { MonitoringHandler } from './monitoring-handler.ts';

/** The part of `IncomingMessage` that is needed: the types of this package must not need those of Node. */
interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
}

/** The part of `ServerResponse` that is needed. */
interface NodeResponse {
  readonly headersSent: boolean;
  /** Status and headers; the body follows by `end`. */
  writeHead(status: number, headers: Record<string, string>): NodeResponse;
  /** The body, and the end of the response. */
  end(body?: string | Uint8Array): unknown;
}

/**
 * A Fetch-style handler as a listener of `node:http`, also as a route of Express and its like. It reads no body.
 *
 * @example
 * ```ts
 * const monitoring = nodeListener(monitoringHandler(db));
 * createServer(monitoring).listen(9464, '127.0.0.1');
 * ```
 */
export function nodeListener(
  handler: MonitoringHandler,
): (request: NodeRequest, response: NodeResponse) => void {
  return (request, response) => {
    answer(handler, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      response.end('Internal Server Error\n');
    });
  };
}

async function answer(
  handler: MonitoringHandler,
  request: NodeRequest,
  response: NodeResponse,
): Promise<void> {
  const asked = requestOf(request);
  if (asked === undefined) {
    response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end('Bad Request\n');
    return;
  }
  const { status, headers, body } = await handler(asked);
  response.writeHead(status, Object.fromEntries(headers));
  response.end(body === null ? undefined : Buffer.from(await new Response(body).arrayBuffer()));
}

/** Undefined for a request that is none, such as one for `//` or by the method TRACE. */
function requestOf({ method = 'GET', url = '/', headers }: NodeRequest): Request | undefined {
  const given = new Headers();
  try {
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined && !name.startsWith(':')) given.set(name, String(value));
    }
    // Where it was sent to is not looked at, so any host will do.
    return new Request(new URL(url.startsWith('/') ? `http://localhost${url}` : url), {
      method,
      headers: given,
    });
  } catch {
    return undefined;
  }
}
