import { connect, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Address, LoopbackServer } from './loopback-server.ts';

/** Of `localhost` and 127.0.0.1, signed by itself, for these tests alone: it protects nothing. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUGXnKF7Y9w5ct3308F013Nnoj8+0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEzMDEyMjMzMFoYDzIxMjYxMTA2
MTIyMzMwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATUjuZMg4rmEn/uwIzsZcv272fLS9ZUiT96xsGxZyNc7XHDMVEiZLty
PQsH9aN1Dfes17NskHfnbOMQfWG/tAtco28wbTAdBgNVHQ4EFgQU7kIKuQskiZ8+
yx9NIz2+rb9xjlAwHwYDVR0jBBgwFoAU7kIKuQskiZ8+yx9NIz2+rb9xjlAwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhANjOw6D0TZsdc/QsaCsKZZi8GISYM9ZS3qTrhhCkZEExAiAt
4gb+HCunrqqz+7uORtlUBBTLn07LkK5cGj7yspHVfQ==
-----END CERTIFICATE-----
`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5x3k49/boCzJZ2fS
a74WkuUkmibIdb9f+hib19osyVChRANCAATUjuZMg4rmEn/uwIzsZcv272fLS9ZU
iT96xsGxZyNc7XHDMVEiZLtyPQsH9aN1Dfes17NskHfnbOMQfWG/tAtc
-----END PRIVATE KEY-----
`;

/** A server that speaks TLS and passes on what it decrypts, as one in front of Postgres. */
export class TlsFront {
  readonly #upstream: Address;
  readonly #server = new LoopbackServer((client) => void client.once('data', () => this.#encrypt(client)));

  constructor(upstream: Address) {
    this.#upstream = upstream;
  }

  start(): Promise<Address> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  #encrypt(client: Socket): void {
    client.write('S');
    const plain = new TLSSocket(client, { isServer: true, key: KEY, cert: CERTIFICATE });
    const upstream = connect(this.#upstream);
    plain.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => plain.destroy());
    plain.pipe(upstream).pipe(plain);
  }
}
