import { isIP, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type ConnectionSettings, tlsConfig } from '../../modes/index.ts';

/** The request for TLS that begins a connection: its length, and the number 80877103. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * A socket that the driver is given open, encrypted where the settings say so. It does not keep the process alive, and can
 * be destroyed whatever state the driver is in: destroyed below the driver's own encryption, a write of the driver's was
 * an error that nobody could catch.
 */
export class GivenSocket {
  #socket = new Socket().unref();
  #isGiven = false;

  /** Once: the driver asks again when the connection ends before the server is ready. */
  async open({ host, port, tls }: ConnectionSettings): Promise<Socket> {
    if (this.#isGiven) throw new Error('The connection ended while it was being opened.');
    this.#isGiven = true;
    const plain = this.#socket;
    if (host.startsWith('/')) plain.connect(`${host}/.s.PGSQL.${port}`);
    else plain.connect(port, host);
    await event(plain, 'connect');
    const config = tlsConfig(tls);
    if (config === false) return plain;
    plain.write(SSL_REQUEST);
    const answer = await event(plain, 'data');
    // More than one byte would be somebody's who speaks before the encryption.
    if (!(answer instanceof Buffer) || answer.toString('latin1') !== 'S') {
      throw new Error('The server does not support SSL connections');
    }
    const name = isIP(host) === 0 ? { servername: host } : {};
    this.#socket = connectTls({ socket: plain, host, ...name, ...config }).unref();
    await event(this.#socket, 'secureConnect');
    return this.#socket;
  }

  destroy(): void {
    this.#isGiven = true;
    this.#socket.destroy();
  }
}

/** The first event of this name. Rejects where the socket fails or ends first. */
function event(socket: Socket, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (value: unknown): void => {
      stop();
      resolve(value);
    };
    const failed = (error: Error): void => {
      stop();
      reject(error);
    };
    const closed = (): void => failed(new Error('The connection ended while it was being opened.'));
    const stop = (): void => {
      socket.off(name, done).off('error', failed).off('close', closed);
    };
    socket.on(name, done).on('error', failed).on('close', closed);
  });
}
