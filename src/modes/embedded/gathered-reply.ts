/** Kept from reply to reply. */
const ROOM_BYTES = 64 * 1024;

/** Puts the pieces of one reply together, in memory that can be given away. */
export class GatheredReply {
  #bytes = new Uint8Array(ROOM_BYTES);
  #length = 0;

  /** Copies a piece, whose memory is PGlite's own. */
  add(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** The reply, whose memory belongs to the caller from now on, and room for the next one. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes;
    const length = this.#length;
    this.#length = 0;
    if (bytes.length === ROOM_BYTES) return bytes.slice(0, length);
    this.#bytes = new Uint8Array(ROOM_BYTES);
    return bytes.subarray(0, length);
  }
}
