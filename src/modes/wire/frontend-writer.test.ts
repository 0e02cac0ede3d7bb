import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrontendWriter } from './frontend-writer.ts';

/** Splits bytes into messages by their own lengths. */
function messages(bytes: Buffer): { code: string; body: Buffer }[] {
  const found: { code: string; body: Buffer }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readInt32BE(at + 1);
    found.push({ code: String.fromCharCode(bytes[at] ?? 0), body: bytes.subarray(at + 5, at + 1 + length) });
    at += 1 + length;
  }
  return found;
}

describe('the writer of frontend messages', () => {
  it('puts a batch into one buffer of well-framed messages with one Sync at the end', () => {
    const bytes = new FrontendWriter(8)
      .parse('s', 'select $1')
      .describe('s')
      .bind('s', ['a', null], 'nonce')
      .execute()
      .closeStatement('old')
      .sync()
      .finish();
    expect(
      messages(bytes)
        .map((message) => message.code)
        .join(''),
    ).toBe('PDBECS');
  });

  it('binds every value as text, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.option(
            fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0') && text.isWellFormed()),
          ),
        ),
        (values) => {
          const [bind] = messages(new FrontendWriter(4).bind('', values).finish());
          const body = bind?.body ?? Buffer.alloc(0);
          expect(body.readInt16BE(2)).toBe(0);
          expect(body.readUInt16BE(4)).toBe(values.length);
          let at = 6;
          for (const value of values) {
            const length = body.readInt32BE(at);
            at += 4;
            if (value === null) expect(length).toBe(-1);
            else {
              expect(body.subarray(at, at + length).toString('utf8')).toBe(value);
              at += length;
            }
          }
          expect(body.readInt16BE(at)).toBe(0);
          expect(at + 2).toBe(body.length);
        },
      ),
    );
  });

  it('refuses U+0000 and lone surrogates, naming the place and not the value', () => {
    for (const value of ['secret\0tail', 'secret\ud800', '\udc00secret']) {
      expect(() => new FrontendWriter().bind('', ['fine', value])).toThrow(/^Value \$2 contains/);
      expect(() => new FrontendWriter().bind('', ['fine', value])).not.toThrow(/secret/);
    }
    expect(() => new FrontendWriter().parse('', 'select 1\0')).toThrow(/U\+0000/);
  });

  it('refuses more values than the protocol can count', () => {
    expect(() => new FrontendWriter().bind('', new Array<string>(65_535).fill('x'))).toThrow(/at most 65534/);
  });

  it('is kept for another batch up to 64 KiB, and not once a batch has made it larger', () => {
    expect(new FrontendWriter(64 * 1024).reusable).toBe(true);
    expect(new FrontendWriter(64 * 1024 + 1).reusable).toBe(false);
    const writer = new FrontendWriter().parse('', 'x'.repeat(1_000));
    expect(writer.reusable).toBe(true);
    expect(writer.parse('', 'x'.repeat(64 * 1024)).reusable).toBe(false);
  });
});
