import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameLengths } from './frame-lengths.ts';

function message(bodyBytes: number): Buffer {
  const bytes = Buffer.alloc(5 + bodyBytes, 0x44);
  bytes.writeInt32BE(4 + bodyBytes, 1);
  return bytes;
}

describe('the lengths of frames', () => {
  it('are seen wherever the chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 50 }),
        (bodies, cuts) => {
          const bytes = Buffer.concat(bodies.map(message));
          const frames = new FrameLengths();
          let largest = 0;
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = cuts[i % cuts.length] ?? 1;
            largest = Math.max(largest, frames.scan(bytes.subarray(at, at + size)));
            at += size;
          }
          expect(largest).toBe(Math.max(...bodies) + 4);
        },
      ),
    );
  });

  it('are known from the header alone', () => {
    const header = message(0).fill(0);
    header.writeUInt32BE(0xffffffff, 1);
    expect(new FrameLengths().scan(header)).toBe(0xffffffff);
  });
});
