import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify, SignJWT } from 'jose';
import type { ApiAnswer } from './api-answer.ts';
import type { ApiDatabase, Query } from './api-database.ts';
import { ApiError, databaseError } from './api-error.ts';
import { readRequest } from './api-request.ts';
import { answerForFunction } from './function-statements.ts';
import { answerForRelation } from './relation-statements.ts';
import { functionNamed } from './schema-cache.ts';

export interface FakeDataApiOptions {
  readonly database: ApiDatabase;
  /** Of the tokens, HS256. */
  readonly secret: string;
  /** The exposed schema. @defaultValue 'public' */
  readonly schema?: string;
  /** PostgREST's `db-max-rows`, which cuts larger answers silently. @defaultValue 1000, as on Supabase */
  readonly maxRows?: number;
  /** Of each statement. @defaultValue 8000 */
  readonly statementTimeoutMs?: number;
}

/**
 * What happens to a request, for tests of what a client makes of it.
 *
 * - `refuse`: the connection ends before anything ran.
 * - `lose`: the request runs, and then the connection ends without an answer.
 * - `cut`: half of the answer.
 * - `hang`: never an answer.
 * - a status: an answer of a gateway, which knows nothing of PostgREST; nothing runs.
 */
export type ApiFault = 'refuse' | 'lose' | 'cut' | 'hang' | number;

/**
 * A fake of Supabase's Data API, for tests: not PostgREST, but what PostgREST's documentation and grammar say that it answers to
 * the requests of supabase-js, over a real database, each in one transaction as the role and with the claims of the verified
 * token. It knows tables, views and functions of one schema, and neither embedded resources nor aggregates.
 */
export class FakeDataApi implements AsyncDisposable {
  readonly url: string;
  /** The publishable key, of the form of a token. */
  readonly anonKey: string;
  readonly serviceKey: string;
  /** All requests, such as `POST /rest/v1/trips`. */
  readonly requests: string[] = [];
  #fault: ((request: string) => ApiFault | undefined) | undefined;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, keys: readonly [string, string], stop: () => Promise<void>) {
    this.url = url;
    [this.anonKey, this.serviceKey] = keys;
    this.#stop = stop;
  }

  static async start(options: FakeDataApiOptions): Promise<FakeDataApi> {
    const key = new TextEncoder().encode(options.secret);
    const sign = (role: string) =>
      new SignJWT({ role }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('10y').sign(key);
    const keys = [await sign('anon'), await sign('service_role')] as const;
    let api: FakeDataApi | undefined;
    const server = createServer((request, response) => {
      void handle(request, response, options, keys, key, api!);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    api = new FakeDataApi(`http://127.0.0.1:${port}`, keys, async () => {
      server.closeAllConnections();
      server.close();
      await options.database.close();
    });
    return api;
  }

  /** Decides what happens to each request from now on. */
  failWith(fault: ((request: string) => ApiFault | undefined) | undefined): void {
    this.#fault = fault;
  }

  faultOf(request: string): ApiFault | undefined {
    this.requests.push(request);
    return this.#fault?.(request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}

async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  options: FakeDataApiOptions,
  keys: readonly string[],
  secret: Uint8Array,
  api: FakeDataApi,
): Promise<void> {
  const { method = 'GET', url = '/' } = incoming;
  const { pathname, searchParams } = new URL(url, api.url);
  const body = await textOf(incoming);
  const fault = api.faultOf(`${method} ${pathname}`);
  if (fault === 'hang') return;
  if (fault === 'refuse') {
    incoming.socket.destroy();
    return;
  }
  if (typeof fault === 'number') {
    const headers = fault === 429 ? { 'retry-after': '2' } : {};
    response.writeHead(fault, { ...headers, 'content-type': 'text/html' }).end('<html>gateway</html>');
    return;
  }
  const answer = await answerOf(
    method,
    pathname,
    searchParams,
    new Headers(incoming.headers as Record<string, string>),
    body,
    options,
    keys,
    secret,
  );
  if (fault === 'lose') {
    incoming.socket.destroy();
    return;
  }
  response.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    ...(fault === 'cut' && { 'content-length': String(Buffer.byteLength(answer.body)) }),
    ...answer.headers,
  });
  if (fault === 'cut') {
    response.write(answer.body.slice(0, answer.body.length / 2), () => incoming.socket.destroy());
    return;
  }
  response.end(method === 'HEAD' ? '' : answer.body);
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function answerOf(
  method: string,
  pathname: string,
  query: URLSearchParams,
  headers: Headers,
  body: string,
  options: FakeDataApiOptions,
  keys: readonly string[],
  secret: Uint8Array,
): Promise<ApiAnswer> {
  let role = 'anon';
  const { schema = 'public' } = options;
  try {
    if (!keys.includes(headers.get('apikey') ?? '')) return gateway(401, 'Invalid API key');
    const claims = await claimsOf(headers.get('authorization'), secret);
    role = typeof claims.role === 'string' ? claims.role : 'anon';
    const profile = headers.get(method === 'GET' || method === 'HEAD' ? 'accept-profile' : 'content-profile');
    if (profile !== null && profile !== schema) {
      throw new ApiError(406, {
        code: 'PGRST106',
        message: `Invalid schema: ${profile}`,
        hint: `Only the following schemas are exposed: ${schema}`,
      });
    }
    const path = /^\/rest\/v1\/(rpc\/)?([^/]+)$/.exec(pathname);
    if (path === null) return gateway(404, 'no Route matched with those values');
    const [, rpc, encoded = ''] = path;
    const name = decodeURIComponent(encoded);
    const answer = (run: Query) =>
      rpc === undefined
        ? forRelation(run, options, name, method, query, headers, body)
        : forFunction(run, options, name, method, query, headers, body);
    return await options.database.transaction(async (run) => {
      await run(
        `select set_config('search_path', $1, true), set_config('request.jwt.claims', $2, true), set_config('TimeZone', 'UTC', true),
           set_config('request.method', $3, true), set_config('statement_timeout', $4, true), set_config('role', $5, true)`,
        [
          `"${schema}", public, extensions`,
          JSON.stringify(claims),
          method,
          String(options.statementTimeoutMs ?? 8000),
          role,
        ],
      );
      return answer(run);
    });
  } catch (error) {
    const { status, body, headers } = error instanceof ApiError ? error : databaseError(error, role);
    return { status, headers, body: JSON.stringify(body) };
  }
}

async function forRelation(
  run: Query,
  { schema = 'public', maxRows = 1000 }: FakeDataApiOptions,
  name: string,
  method: string,
  query: URLSearchParams,
  headers: Headers,
  body: string,
): Promise<ApiAnswer> {
  const request = readRequest(method, query, headers, body);
  if (method === 'GET' || method === 'HEAD') await run('set transaction read only');
  return answerForRelation(run, schema, name, request, maxRows);
}

async function forFunction(
  run: Query,
  { schema = 'public', maxRows = 1000 }: FakeDataApiOptions,
  name: string,
  method: string,
  query: URLSearchParams,
  headers: Headers,
  body: string,
): Promise<ApiAnswer> {
  if (method !== 'POST') {
    throw new ApiError(405, { code: 'PGRST101', message: `This fake takes calls by POST, not by ${method}` });
  }
  const args = JSON.parse(body === '' ? '{}' : body) as Readonly<Record<string, unknown>>;
  const request = readRequest(method, query, headers, body);
  const fn = await functionNamed(run, schema, name, Object.keys(args));
  if (!fn.isVolatile) await run('set transaction read only');
  return answerForFunction(run, schema, name, fn, args, request, maxRows);
}

/** @throws ApiError PGRST301 and PGRST303, as PostgREST 13 and later have them */
async function claimsOf(
  authorization: string | null,
  secret: Uint8Array,
): Promise<Readonly<Record<string, unknown>>> {
  const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
  if (token === undefined) return { role: 'anon' };
  try {
    return (await jwtVerify(token, secret)).payload;
  } catch (error) {
    const isExpired = (error as { readonly code?: string }).code === 'ERR_JWT_EXPIRED';
    throw new ApiError(401, {
      code: isExpired ? 'PGRST303' : 'PGRST301',
      message: isExpired ? 'JWT expired' : 'No suitable key or wrong key type',
    });
  }
}

/** Of the gateway before PostgREST, whose errors have a message alone. */
function gateway(status: number, message: string): ApiAnswer {
  return { status, headers: {}, body: JSON.stringify({ message }) };
}
