/**
 * Splits the bytes of a Postgres connection into messages, for the fakes and proxies of the tests.
 *
 * Written apart from the package and from its driver, so that a mistake there is not repeated here.
 */

/** A message with a code byte: what either side sends once the startup packet is through. */
export interface TypedMessage {
  /** One letter, such as `P` for Parse or `Z` for ReadyForQuery. */
  readonly code: string;
  readonly body: Buffer;
  /** The whole message, code and length included. */
  readonly bytes: Buffer;
}

/** What a client sends before its first typed message. */
export type StartupPacket =
  | { readonly kind: 'ssl-request' | 'gss-request' }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secretKey: number }
  | { readonly kind: 'startup'; readonly parameters: ReadonlyMap<string, string> };

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const PROTOCOL_3_0 = 196608;
const LARGEST_MESSAGE = 0x3fffffff;

/** Bytes that cannot be messages: the connection that sent them is lost. */
export class MalformedBytesError extends Error {
  override readonly name = 'MalformedBytesError';
}

/** Collects chunks and gives out whole messages. */
export class MessageReader {
  #pending: Buffer = Buffer.alloc(0);

  /** Number of bytes of a message that has begun but not ended. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  push(chunk: Buffer): TypedMessage[] {
    const messages: TypedMessage[] = [];
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (rest.length >= 5) {
      const length = rest.readInt32BE(1);
      if (length < 4 || length > LARGEST_MESSAGE) {
        throw new MalformedBytesError(
          `message ${JSON.stringify(rest.toString('latin1', 0, 1))} says that it is ${length} bytes long`,
        );
      }
      if (rest.length < length + 1) break;
      messages.push({
        code: rest.toString('latin1', 0, 1),
        body: rest.subarray(5, length + 1),
        bytes: rest.subarray(0, length + 1),
      });
      rest = rest.subarray(length + 1);
    }
    this.#pending = rest;
    return messages;
  }
}

/** Reads a client's side: startup packets first, then typed messages. */
export class FrontendReader {
  readonly #messages = new MessageReader();
  #pending: Buffer = Buffer.alloc(0);
  #started = false;

  get started(): boolean {
    return this.#started;
  }

  get pendingBytes(): number {
    return this.#pending.length + this.#messages.pendingBytes;
  }

  push(chunk: Buffer): { packets: StartupPacket[]; messages: TypedMessage[] } {
    const packets: StartupPacket[] = [];
    if (this.#started) return { packets, messages: this.#messages.push(chunk) };
    let rest = Buffer.concat([this.#pending, chunk]);
    while (!this.#started && rest.length >= 4) {
      const length = rest.readInt32BE(0);
      if (length < 8 || length > 10_000) {
        throw new MalformedBytesError(`startup packet says that it is ${length} bytes long`);
      }
      if (rest.length < length) break;
      const packet = readStartupPacket(rest.subarray(0, length));
      packets.push(packet);
      this.#started = packet.kind === 'startup';
      rest = rest.subarray(length);
    }
    if (!this.#started) {
      this.#pending = rest;
      return { packets, messages: [] };
    }
    this.#pending = Buffer.alloc(0);
    return { packets, messages: this.#messages.push(rest) };
  }
}

function readStartupPacket(packet: Buffer): StartupPacket {
  const code = packet.readInt32BE(4);
  if (code === SSL_REQUEST) return { kind: 'ssl-request' };
  if (code === GSS_REQUEST) return { kind: 'gss-request' };
  if (code === CANCEL_REQUEST) {
    return { kind: 'cancel', processId: packet.readInt32BE(8), secretKey: packet.readInt32BE(12) };
  }
  if (code !== PROTOCOL_3_0) throw new MalformedBytesError(`startup packet asks for protocol ${code}`);
  const words = packet.toString('utf8', 8).split('\0');
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < words.length && words[at] !== ''; at += 2) {
    parameters.set(words[at]!, words[at + 1]!);
  }
  return { kind: 'startup', parameters };
}

/** Text up to the next zero byte, and the offset after that byte. */
export function readText(body: Buffer, offset: number): { text: string; next: number } {
  const end = body.indexOf(0, offset);
  if (end === -1) throw new MalformedBytesError('a text in a message does not end');
  return { text: body.toString('utf8', offset, end), next: end + 1 };
}

/** Statement name, SQL text and parameter types of a Parse message. */
export function readParse(body: Buffer): { name: string; sql: string; types: number[] } {
  const name = readText(body, 0);
  const sql = readText(body, name.next);
  const types = Array.from({ length: body.readInt16BE(sql.next) }, (_, i) =>
    body.readInt32BE(sql.next + 2 + 4 * i),
  );
  return { name: name.text, sql: sql.text, types };
}

export interface Bound {
  readonly portal: string;
  readonly statement: string;
  readonly formats: readonly number[];
  readonly values: readonly (Buffer | null)[];
  readonly resultFormats: readonly number[];
}

/** Everything that a Bind message holds. */
export function readBind(body: Buffer): Bound {
  const portal = readText(body, 0);
  const statement = readText(body, portal.next);
  let at = statement.next;
  const readShorts = (): number[] => {
    const count = body.readUInt16BE(at);
    const shorts = Array.from({ length: count }, (_, i) => body.readInt16BE(at + 2 + 2 * i));
    at += 2 + 2 * count;
    return shorts;
  };
  const formats = readShorts();
  const count = body.readUInt16BE(at);
  at += 2;
  const values = Array.from({ length: count }, () => {
    const length = body.readInt32BE(at);
    const value = length === -1 ? null : body.subarray(at + 4, at + 4 + length);
    at += 4 + Math.max(length, 0);
    return value;
  });
  return { portal: portal.text, statement: statement.text, formats, values, resultFormats: readShorts() };
}

/** Fields of an ErrorResponse or NoticeResponse by their letter: `S` severity, `C` SQLSTATE, `M` message. */
export function readErrorFields(body: Buffer): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; at < body.length && body[at] !== 0; ) {
    const { text, next } = readText(body, at + 1);
    fields.set(String.fromCharCode(body[at]!), text);
    at = next;
  }
  return fields;
}
