import { expect, it } from 'vitest';
import { GatheredReply } from './gathered-reply.ts';

const KILOBYTE = 1_024;

it.each([
  ['short', [3, 5]],
  ['as long as the room', [60 * KILOBYTE, 4 * KILOBYTE]],
  ['longer than the room, piece by piece', Array.from({ length: 40 }, () => 8 * KILOBYTE)],
  ['longer than twice the room, in one piece', [300 * KILOBYTE]],
])('a reply that is %s is given away whole, one after the other', (_name, lengths) => {
  const gathered = new GatheredReply();
  for (let round = 1; round <= 3; round++) {
    const pieces = lengths.map((length, i) => new Uint8Array(length).fill(round * 50 + i));
    for (const piece of pieces) {
      gathered.add(piece);
      // PGlite writes its memory anew.
      piece.fill(0);
    }
    const reply = gathered.take();
    const expected = Buffer.concat(lengths.map((length, i) => Buffer.alloc(length, round * 50 + i)));
    expect(expected.equals(reply)).toBe(true);
    // As when it is posted to another thread.
    structuredClone(reply, { transfer: [reply.buffer] });
  }
});
