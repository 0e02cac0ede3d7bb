const READY_BYTES = 6;

/**
 * All that is sent to PGlite ends with a Sync or is a query of its own, so a reply ends with ReadyForQuery. PGlite
 * takes a trap of its WebAssembly (the stack overflowed) for an error of Postgres: the reply ends anywhere, and so do
 * all that follow.
 *
 * @throws Error when the reply has no end
 */
export function wholeReply<Bytes extends Uint8Array>(reply: Bytes): Bytes {
  const at = reply.length - READY_BYTES;
  const isReady = at >= 0 && reply[at] === 0x5a && reply[at + 1] === 0 && reply[at + 4] === 5; // Z
  if (isReady) return reply;
  throw new Error('PGlite has broken down: its reply has no end.');
}
