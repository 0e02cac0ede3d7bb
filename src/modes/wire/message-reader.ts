import type { BackendMessage, ServerMessage } from './messages.ts';

const HEADER_BYTES = 5;
/** A message that arrives in pieces gets this much room at first: the length in its header may be wrong. */
const FIRST_ROOM_BYTES = 64 * 1024;

type Named<Name extends BackendMessage['name']> = Extract<BackendMessage, { readonly name: Name }>;

/** Bytes that are not a complete message. */
class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

interface MessageSink {
  /** A header was read: a message of that code and length in bytes (without the header) begins. May throw to refuse it. */
  announce(code: number, length: number): void;
  accept(message: BackendMessage): void;
}

/**
 * Turns what a server sends into messages, chunk by chunk, and checks every length: a field that extends past
 * the end of its message, a negative length other than that of null, and remaining bytes are errors.
 *
 * A chunk is read in place and may be overwritten afterwards; only a message that it splits is copied.
 */
export class MessageReader {
  readonly #sink: MessageSink;
  /** The beginning of a message that is not complete. */
  #held: Buffer | undefined;
  #heldBytes = 0;
  /** The end of this message, counted from its first byte; known once its header has arrived. */
  #heldEnd = 0;

  constructor(sink: MessageSink) {
    this.#sink = sink;
  }

  /** Throws `MalformedMessage`, and whatever the sink throws. Do not use the reader afterwards. */
  push(chunk: Buffer): void {
    let at = this.#held === undefined ? 0 : this.#complete(this.#held, chunk);
    while (chunk.length - at >= HEADER_BYTES) {
      const end = at + this.#announce(chunk, at);
      if (end > chunk.length) {
        this.#hold(chunk, at, end - at);
        return;
      }
      this.#sink.accept(readMessage(chunk, at, end));
      at = end;
    }
    if (at < chunk.length) this.#hold(chunk, at, 0);
  }

  /** Bytes of the message whose header is at `at`, including the header. */
  #announce(bytes: Buffer, at: number): number {
    const length = readUint32(bytes, at + 1);
    if (length < 4) throw new MalformedMessage('The server announced a message shorter than its header.');
    this.#sink.announce(bytes[at] as number, length);
    return length + 1;
  }

  #hold(chunk: Buffer, at: number, end: number): void {
    const length = chunk.length - at;
    const held = Buffer.allocUnsafe(Math.max(length, Math.min(end, FIRST_ROOM_BYTES), HEADER_BYTES));
    chunk.copy(held, 0, at);
    this.#held = held;
    this.#heldBytes = length;
    this.#heldEnd = end;
  }

  /** Adds the chunk's part of the message; returns where the chunk continues. */
  #complete(held: Buffer, chunk: Buffer): number {
    let at = 0;
    if (this.#heldEnd === 0) {
      at = this.#take(held, chunk, 0, HEADER_BYTES);
      if (this.#heldBytes < HEADER_BYTES) return at;
      this.#heldEnd = this.#announce(held, 0);
    }
    const wanted = Math.min(this.#heldEnd, this.#heldBytes + chunk.length - at);
    let room = held;
    if (wanted > held.length) {
      room = Buffer.allocUnsafe(Math.min(this.#heldEnd, Math.max(wanted, held.length * 2)));
      held.copy(room, 0, 0, this.#heldBytes);
      this.#held = room;
    }
    at = this.#take(room, chunk, at, this.#heldEnd);
    if (this.#heldBytes < this.#heldEnd) return at;
    this.#held = undefined;
    this.#sink.accept(readMessage(room, 0, this.#heldEnd));
    return at;
  }

  #take(held: Buffer, chunk: Buffer, from: number, upTo: number): number {
    const bytes = Math.min(upTo - this.#heldBytes, chunk.length - from);
    chunk.copy(held, this.#heldBytes, from, from + bytes);
    this.#heldBytes += bytes;
    return from + bytes;
  }
}

const PARSE_COMPLETE = { name: 'parseComplete' } as const;
const BIND_COMPLETE = { name: 'bindComplete' } as const;
const CLOSE_COMPLETE = { name: 'closeComplete' } as const;
const NO_DATA = { name: 'noData' } as const;
const EMPTY_QUERY = { name: 'emptyQuery' } as const;
const PORTAL_SUSPENDED = { name: 'portalSuspended' } as const;
const PARAMETER_DESCRIPTION = { name: 'parameterDescription' } as const;
const PARAMETER_STATUS = { name: 'parameterStatus' } as const;
/** listen() has its own connection, so the text is not decoded here. */
const NOTIFICATION = { name: 'notification' } as const;
const NOTICE = { name: 'notice' } as const;

/** The message from `start` to `end`, including its header. */
function readMessage(bytes: Buffer, start: number, end: number): BackendMessage {
  const at = start + HEADER_BYTES;
  switch (bytes[start]) {
    case 0x44: // D
      return { name: 'dataRow', fields: readFields(bytes, at, end) };
    case 0x32: // 2
      return empty(BIND_COMPLETE, at, end);
    case 0x43: // C
      return { name: 'commandComplete', text: readTag(bytes, at, end) };
    case 0x5a: // Z
      if (end - at !== 1) throw new MalformedMessage('A readyForQuery message must have one byte.');
      return { name: 'readyForQuery', status: String.fromCharCode(bytes[at] as number) };
    case 0x31: // 1
      return empty(PARSE_COMPLETE, at, end);
    case 0x33: // 3
      return empty(CLOSE_COMPLETE, at, end);
    case 0x6e: // n
      return empty(NO_DATA, at, end);
    case 0x49: // I
      return empty(EMPTY_QUERY, at, end);
    case 0x73: // s
      return empty(PORTAL_SUSPENDED, at, end);
    case 0x74: // t
      return PARAMETER_DESCRIPTION;
    case 0x54: // T
      return { name: 'rowDescription', fields: readDescription(bytes, at, end) };
    case 0x45: // E
      return { name: 'error', ...readServerMessage(bytes, at, end) };
    case 0x4e: // N
      return NOTICE;
    case 0x53: // S
      return PARAMETER_STATUS;
    case 0x41: // A
      return NOTIFICATION;
    default:
      throw new MalformedMessage(
        `The server sent a message of the unknown type 0x${bytes[start]?.toString(16)}.`,
      );
  }
}

function empty<Message>(message: Message, at: number, end: number): Message {
  if (at !== end) throw new MalformedMessage('A message that must be empty contains data.');
  return message;
}

function readFields(bytes: Buffer, start: number, end: number): (string | null)[] {
  let at = start + 2;
  if (at > end) throw new MalformedMessage('A row has no column count.');
  const count = ((bytes[start] as number) << 8) | (bytes[start + 1] as number);
  const fields: (string | null)[] = [];
  for (let i = 0; i < count; i++) {
    const from = at + 4;
    if (from > end) throw new MalformedMessage('A row ends before its last column.');
    const length = readUint32(bytes, at);
    if (length === NULL) {
      fields.push(null);
      at = from;
      continue;
    }
    at = from + length;
    if (at > end) throw new MalformedMessage('A value extends past the end of its row.');
    fields.push(bytes.utf8Slice(from, at));
  }
  if (at !== end) throw new MalformedMessage('A row contains more data than its columns.');
  return fields;
}

/** The length -1. */
const NULL = 0xffff_ffff;

function readDescription(bytes: Buffer, start: number, end: number): Named<'rowDescription'>['fields'] {
  // After the name: table, column, type, size, modifier, format.
  const AFTER_NAME = 18;
  if (start + 2 > end) throw new MalformedMessage('A row description has no column count.');
  const count = bytes.readUInt16BE(start);
  const fields: { readonly name: string; readonly dataTypeID: number }[] = [];
  let at = start + 2;
  for (let i = 0; i < count; i++) {
    const nameEnd = endOfText(bytes, at, end);
    const name = bytes.utf8Slice(at, nameEnd);
    at = nameEnd + 1 + AFTER_NAME;
    if (at > end) throw new MalformedMessage('A row description ends before its last column.');
    fields.push({ name, dataTypeID: bytes.readUInt32BE(nameEnd + 7) });
  }
  if (at !== end) throw new MalformedMessage('A row description contains more data than its columns.');
  return fields;
}

function readServerMessage(bytes: Buffer, start: number, end: number): ServerMessage {
  const fields = new Map<string, string>();
  let at = start;
  while (at < end && bytes[at] !== 0) {
    const textEnd = endOfText(bytes, at + 1, end);
    fields.set(String.fromCharCode(bytes[at] as number), bytes.utf8Slice(at + 1, textEnd));
    at = textEnd + 1;
  }
  return {
    // `S` is in the language of the server.
    severity: fields.get('V') ?? fields.get('S'),
    code: fields.get('C'),
    message: fields.get('M'),
    hint: fields.get('H'),
    schema: fields.get('s'),
    table: fields.get('t'),
    column: fields.get('c'),
    constraint: fields.get('n'),
    detail: fields.get('D'),
    routine: fields.get('R'),
    where: fields.get('W'),
    position: fields.get('P'),
  };
}

/** The tag of a command, which is ASCII and fills the rest of its message except for the final zero. */
function readTag(bytes: Buffer, at: number, end: number): string {
  const textEnd = endOfText(bytes, at, end);
  if (textEnd + 1 !== end) throw new MalformedMessage('A message continues after its text.');
  return bytes.latin1Slice(at, textEnd);
}

/** The position of the zero that ends a text. */
function endOfText(bytes: Buffer, at: number, end: number): number {
  let found = at;
  while (found < end && bytes[found] !== 0) found += 1;
  if (found >= end) throw new MalformedMessage('A text in a message is not terminated.');
  return found;
}

function readUint32(bytes: Buffer, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

declare global {
  interface Buffer {
    // Node's own fast paths for `toString(encoding, start, end)`; public since Node 0.x, missing in its types.
    utf8Slice(start: number, end: number): string;
    latin1Slice(start: number, end: number): string;
  }
}
