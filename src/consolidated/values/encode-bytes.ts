import { refuse } from './refuse.ts';
import { assertSendable } from './sendable-text.ts';

/** Bytes as Postgres' hex form `\x00ff`; text is passed unchanged. */
export function encodeBytes(value: unknown, where: string): string {
  if (typeof value === 'string') return assertSendable(value, where);
  if (value instanceof ArrayBuffer) return `\\x${Buffer.from(value).toString('hex')}`;
  if (value instanceof Uint8Array) {
    return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
  }
  return refuse(where, "a Uint8Array, an ArrayBuffer, or text such as '\\x00ff'", value);
}
