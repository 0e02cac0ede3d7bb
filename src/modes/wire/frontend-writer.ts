import { assertBindable } from '../../contract/bound-values.ts';
import { UsageError, ValidationError } from '../../contract/errors.ts';

const PARSE = 0x50; // P
const BIND = 0x42; // B
const DESCRIBE = 0x44; // D
const EXECUTE = 0x45; // E
const CLOSE = 0x43; // C
const SYNC = 0x53; // S
const STATEMENT = 0x53; // S

/** Up to this length a loop is faster than a call into the runtime. */
const SHORT = 48;
/** A writer that has grown beyond this is not kept for the next batch. */
const MAX_KEPT_BYTES = 64 * 1024;

/**
 * Puts the messages of one batch into one buffer, so that one write sends them all.
 *
 * Values are always bound in text format: a pooler was seen to execute bytes of binary parameters as
 * protocol messages. For the same reason U+0000 is refused here, in every mode, and so are lone
 * surrogates, which UTF-8 cannot hold.
 */
export class FrontendWriter {
  #buffer: Buffer;
  #position = 0;

  constructor(sizeHint = 2048) {
    this.#buffer = Buffer.allocUnsafe(sizeHint);
  }

  /** Small enough to keep for another batch. */
  get reusable(): boolean {
    return this.#buffer.length <= MAX_KEPT_BYTES;
  }

  /** Starts again in the same memory. What was written before must have been sent. */
  reset(): this {
    this.#position = 0;
    return this;
  }

  /** Adds messages that were written before, such as the Parse of a text that is sent often. */
  append(messages: Uint8Array): this {
    this.#reserve(messages.length);
    this.#buffer.set(messages, this.#position);
    this.#position += messages.length;
    return this;
  }

  parse(name: string, text: string): this {
    const start = this.#open(PARSE);
    this.#cstring(name);
    this.#cstring(text);
    this.#int16(0);
    return this.#close(start);
  }

  /** Binds the unnamed portal. */
  bind(name: string, values: readonly (string | null)[], last?: string): this {
    const count = values.length + (last === undefined ? 0 : 1);
    // A count that wraps round would shift all that follows.
    assertBindable(values.length);
    const start = this.#open(BIND);
    this.#int8(0);
    this.#cstring(name);
    this.#int16(0);
    this.#int16(count);
    for (let i = 0; i < values.length; i++) this.#value(values[i] ?? null, i);
    if (last !== undefined) this.#value(last, values.length);
    this.#int16(0);
    return this.#close(start);
  }

  describe(name: string): this {
    const start = this.#open(DESCRIBE);
    this.#int8(STATEMENT);
    this.#cstring(name);
    return this.#close(start);
  }

  /** Runs the unnamed portal to its end. */
  execute(): this {
    const start = this.#open(EXECUTE);
    this.#int8(0);
    this.#int32(0);
    return this.#close(start);
  }

  closeStatement(name: string): this {
    const start = this.#open(CLOSE);
    this.#int8(STATEMENT);
    this.#cstring(name);
    return this.#close(start);
  }

  sync(): this {
    return this.#close(this.#open(SYNC));
  }

  /** The bytes so far, in the writer's own memory. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#position);
  }

  #open(code: number): number {
    this.#reserve(5);
    this.#buffer[this.#position] = code;
    const start = this.#position + 1;
    this.#position += 5;
    return start;
  }

  #close(start: number): this {
    this.#putInt32(this.#position - start, start);
    return this;
  }

  #value(value: string | null, index: number): void {
    if (value === null) {
      this.#int32(-1);
      return;
    }
    this.#reserve(4 + value.length * 3);
    const at = this.#position;
    if (value.length <= SHORT && this.#ascii(value, at + 4)) {
      this.#putInt32(value.length, at);
      this.#position = at + 4 + value.length;
      return;
    }
    if (value.includes('\0')) throw unsendable(index, 'the character U+0000');
    if (!value.isWellFormed()) throw unsendable(index, 'a lone surrogate');
    const written = this.#buffer.utf8Write(value, at + 4);
    this.#putInt32(written, at);
    this.#position = at + 4 + written;
  }

  /** Writes a short text without leaving JavaScript; false, with nothing kept, unless it is ASCII without U+0000. */
  #ascii(value: string, start: number): boolean {
    const buffer = this.#buffer;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code === 0 || code > 0x7f) return false;
      buffer[start + i] = code;
    }
    return true;
  }

  #cstring(text: string): void {
    this.#reserve(text.length * 3 + 1);
    if (text.length <= SHORT && this.#ascii(text, this.#position)) {
      this.#position += text.length;
      this.#buffer[this.#position++] = 0;
      return;
    }
    if (text.includes('\0')) {
      throw new UsageError('SQL text must not contain the character U+0000.', {
        code: 'UNSENDABLE_TEXT',
      });
    }
    this.#position += this.#buffer.utf8Write(text, this.#position);
    this.#buffer[this.#position++] = 0;
  }

  #int8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#position++] = value;
  }

  #int16(value: number): void {
    this.#reserve(2);
    this.#buffer[this.#position++] = value >> 8;
    this.#buffer[this.#position++] = value;
  }

  #int32(value: number): void {
    this.#reserve(4);
    this.#putInt32(value, this.#position);
    this.#position += 4;
  }

  #putInt32(value: number, at: number): void {
    this.#buffer[at] = value >> 24;
    this.#buffer[at + 1] = value >> 16;
    this.#buffer[at + 2] = value >> 8;
    this.#buffer[at + 3] = value;
  }

  #reserve(bytes: number): void {
    const needed = this.#position + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#position);
    this.#buffer = larger;
  }
}

function unsendable(index: number, what: string): ValidationError {
  return new ValidationError(`Value $${index + 1} contains ${what}, which Postgres cannot store.`, {
    code: 'UNSENDABLE_VALUE',
    hint: 'Remove the character, or store the bytes in a bytea column.',
  });
}

declare global {
  interface Buffer {
    // Node's own fast path for `write(text, offset, 'utf8')`; public since Node 0.x, missing in its types.
    utf8Write(text: string, offset: number): number;
  }
}
