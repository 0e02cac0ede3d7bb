import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export const ANA = '00000000-0000-4000-8000-00000000000a';
export const BEN = '00000000-0000-4000-8000-00000000000b';
export const NOBODY = '00000000-0000-4000-8000-00000000000f';
export const SECRET = 'a secret of the example, thirty-two bytes or more';
export const PEOPLE = `
  insert into auth.users (id, email) values ('${ANA}', 'ana@example.com'), ('${BEN}', 'ben@example.com');
  insert into public.profiles (id, username, email) values
    ('${ANA}', 'ana', 'ana@example.com'), ('${BEN}', 'ben', 'ben@example.com');
`;

/** Publishes one key, as a project of Supabase does. */
export class KeyServer {
  readonly #keys = generateKeyPair('ES256');
  #server: Server | undefined;

  async start(): Promise<string> {
    const jwk = { ...(await exportJWK((await this.#keys).publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    this.#server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
    }).listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks.json`;
  }

  async sign(sub: string): Promise<string> {
    const { privateKey } = await this.#keys;
    return claimsOf(sub).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(privateKey);
  }

  stop(): void {
    this.#server?.close();
  }
}

/** A token by the shared secret. */
export function signed(sub: string): Promise<string> {
  return claimsOf(sub).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(SECRET));
}

function claimsOf(sub: string): SignJWT {
  return new SignJWT({ sub, role: 'authenticated' }).setAudience('authenticated').setExpirationTime('1h');
}

export function headersOf(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** The server-sent events of a response, one after the other. */
export class EventReader implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = '';

  constructor(response: Response) {
    if (response.body === null) throw new Error('The response has no body.');
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next one, as `event data`; undefined at the end. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const [block, rest] = this.#text.split(/\n\n(.*)/s);
      if (rest !== undefined) {
        this.#text = rest;
        const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(block ?? '') ?? [];
        return `${event} ${data}`;
      }
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#text += value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}
