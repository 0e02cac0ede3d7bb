import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';

const SECRET = new TextEncoder().encode('a secret of the fake of Supabase Auth, thirty-two bytes');
const LIFETIME_S = 3_600;

interface Answer {
  readonly status: number;
  readonly body: object;
}

/**
 * A fake of Supabase Auth (GoTrue), over HTTP: sign-in with a password, refresh and sign-out of one user, with its
 * forms of answers and its codes. It checks nothing else, and signs with a secret of its own.
 */
export class FakeSupabaseAuth implements AsyncDisposable {
  readonly userId = randomUUID();
  readonly email = 'ana@example.org';
  readonly password = 'correct horse battery';
  /** Method, path and query of each request. */
  readonly requests: string[] = [];
  /** The bearer token of the latest request. */
  bearer = '';
  /** Given to every request instead, until it is taken away. */
  fault: Answer | undefined;
  /** How far its clock is ahead of the system's: what was signed before has expired meanwhile. */
  aheadMs = 0;
  readonly #sessions = new Map<string, string>();
  readonly #server = createServer(async (request, response) => {
    const { status, body } = await this.#answer(request);
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-supabase-api-version': '2024-01-01',
    });
    response.end(status === 204 ? undefined : JSON.stringify(body));
  });

  /** @returns its URL, as that of a project */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get openSessions(): number {
    return this.#sessions.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #now(): number {
    return Date.now() + this.aheadMs;
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    this.requests.push(`${request.method} ${request.url}`);
    this.bearer = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part;
    if (this.fault !== undefined) return this.fault;
    const given = (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, string>>;
    switch (new URL(request.url ?? '', 'http://fake').href.slice('http://fake/auth/v1'.length)) {
      case '/token?grant_type=password':
        return given.email === this.email && given.password === this.password
          ? this.#session(randomUUID())
          : refusal(400, 'invalid_credentials', 'Invalid login credentials');
      case '/token?grant_type=refresh_token':
        return this.#refresh(given.refresh_token ?? '');
      case '/logout?scope=local':
        return this.#logout();
      default:
        return refusal(404, 'not_found', 'not found');
    }
  }

  async #session(id: string): Promise<Answer> {
    const refreshToken = randomUUID();
    this.#sessions.set(refreshToken, id);
    const exp = Math.floor(this.#now() / 1_000) + LIFETIME_S;
    const accessToken = await new SignJWT({ sub: this.userId, role: 'authenticated', session_id: id, exp })
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience('authenticated')
      .sign(SECRET);
    const body = {
      access_token: accessToken,
      token_type: 'bearer',
      expires_in: LIFETIME_S,
      expires_at: exp,
      refresh_token: refreshToken,
      user: { id: this.userId, aud: 'authenticated', email: this.email, app_metadata: {}, user_metadata: {} },
    };
    return { status: 200, body };
  }

  async #refresh(token: string): Promise<Answer> {
    const id = this.#sessions.get(token);
    if (id === undefined) return refusal(400, 'refresh_token_not_found', 'Invalid Refresh Token');
    this.#sessions.delete(token);
    return this.#session(id);
  }

  #logout(): Answer {
    const claims = JSON.parse(
      Buffer.from(this.bearer.split('.')[1] ?? '', 'base64url').toString() || '{}',
    ) as {
      readonly session_id?: string;
      readonly exp?: number;
    };
    if (claims.exp === undefined || claims.exp * 1_000 <= this.#now()) {
      return refusal(403, 'bad_jwt', 'invalid JWT: token is expired');
    }
    for (const [token, id] of this.#sessions) if (id === claims.session_id) this.#sessions.delete(token);
    return { status: 204, body: {} };
  }
}

function refusal(status: number, code: string, msg: string): Answer {
  return { status, body: { code, message: msg } };
}
