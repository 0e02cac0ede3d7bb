/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding, both sides, for the fakes of the tests.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

export const SCRAM_MECHANISM = 'SCRAM-SHA-256';

const hmac = (key: Buffer, words: string) => createHmac('sha256', key).update(words).digest();
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
const xor = (a: Buffer, b: Buffer) => Buffer.from(a.map((byte, i) => byte ^ b[i]!));
const nonce = () => randomBytes(18).toString('base64');

/** Salting costs milliseconds and blocks, so the same password and salt are salted once. */
const saltedPasswords = new Map<string, Buffer>();

function saltPassword(password: string, salt: string, iterations: number): Buffer {
  const key = JSON.stringify([password, salt, iterations]);
  const known = saltedPasswords.get(key);
  if (known !== undefined) return known;
  const salted = pbkdf2Sync(
    password.normalize('NFKC'),
    Buffer.from(salt, 'base64'),
    iterations,
    32,
    'sha256',
  );
  saltedPasswords.set(key, salted);
  return salted;
}

function attribute(words: string, name: string): string {
  const found = words.split(',').find((part) => part.startsWith(`${name}=`));
  if (found === undefined) throw new Error(`SCRAM message without the attribute ${name}`);
  return found.slice(2);
}

function proofOf(salted: Buffer, authMessage: string): { proof: Buffer; signature: Buffer } {
  const clientKey = hmac(salted, 'Client Key');
  return {
    proof: xor(clientKey, hmac(sha256(clientKey), authMessage)),
    signature: hmac(hmac(salted, 'Server Key'), authMessage),
  };
}

/** The client's side: `first`, then `final` with the server's first message, then `verify`. */
export class ScramClient {
  readonly #password: string;
  readonly #bare = `n=,r=${nonce()}`;
  #signature: Buffer = Buffer.alloc(0);

  constructor(password: string) {
    this.#password = password;
  }

  first(): string {
    return `n,,${this.#bare}`;
  }

  final(serverFirst: string): string {
    const salted = saltPassword(
      this.#password,
      attribute(serverFirst, 's'),
      Number(attribute(serverFirst, 'i')),
    );
    const withoutProof = `c=biws,r=${attribute(serverFirst, 'r')}`;
    const { proof, signature } = proofOf(salted, `${this.#bare},${serverFirst},${withoutProof}`);
    this.#signature = signature;
    return `${withoutProof},p=${proof.toString('base64')}`;
  }

  /** Throws when the server does not know the password either. */
  verify(serverFinal: string): void {
    if (attribute(serverFinal, 'v') !== this.#signature.toString('base64')) {
      throw new Error('the server could not prove that it knows the password');
    }
  }
}

/** The server's side: `first` with the client's first message, then `final`, undefined for a wrong password. */
export class ScramServer {
  readonly #password: string;
  readonly #salt: string;
  #exchange = '';
  #nonce = '';

  constructor(password: string, salt = Buffer.from('salt of the tests').toString('base64')) {
    this.#password = password;
    this.#salt = salt;
  }

  first(clientFirst: string): string {
    const bare = clientFirst.split(',').slice(2).join(',');
    this.#nonce = attribute(bare, 'r') + nonce();
    const reply = `r=${this.#nonce},s=${this.#salt},i=4096`;
    this.#exchange = `${bare},${reply}`;
    return reply;
  }

  final(clientFinal: string): string | undefined {
    const withoutProof = clientFinal.slice(0, clientFinal.lastIndexOf(',p='));
    if (attribute(withoutProof, 'r') !== this.#nonce) return undefined;
    const { proof, signature } = proofOf(
      saltPassword(this.#password, this.#salt, 4096),
      `${this.#exchange},${withoutProof}`,
    );
    const given = Buffer.from(attribute(clientFinal, 'p'), 'base64');
    if (given.length !== proof.length || !timingSafeEqual(given, proof)) return undefined;
    return `v=${signature.toString('base64')}`;
  }
}
