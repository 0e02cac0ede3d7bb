const HEADER_BYTES = 5;

/**
 * Follows the framing of the server's messages from chunk to chunk and says how long each claims to be, so that
 * one beyond a cap is refused by its header, before its body is gathered in memory.
 */
export class FrameLengths {
  /** Bytes of the message at hand that have not come yet. */
  #left = 0;
  #header = 0;
  #code = 0;
  #length = 0;
  /** Code of the message that the last scan found to claim the most. */
  largestCode = 0;

  /** The largest length that a header within this chunk claims, in bytes; 0 when it holds no header. */
  scan(chunk: Buffer): number {
    let largest = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
        continue;
      }
      // One byte of code, then four of length that count themselves.
      const byte = chunk[at] ?? 0;
      if (this.#header === 0) {
        this.#code = byte;
        this.#length = 0;
      } else this.#length = this.#length * 256 + byte;
      this.#header += 1;
      at += 1;
      if (this.#header < HEADER_BYTES) continue;
      this.#header = 0;
      this.#left = Math.max(0, this.#length - 4);
      if (this.#length > largest) {
        largest = this.#length;
        this.largestCode = this.#code;
      }
    }
    return largest;
  }
}
