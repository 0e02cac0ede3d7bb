import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiKeySecret } from './api-key-secret.ts';
import { base62 } from './base62.ts';
import { hashOfKey, KeyFormat } from './key-format.ts';

const format = new KeyFormat();

describe('a key', () => {
  it('has its brand, a prefix to find it by, 256 random bits and a checksum', () => {
    const ones = new KeyFormat('acme', (size) => new Uint8Array(size).fill(255));
    expect(ones.issue()).toEqual({
      text: expect.stringMatching(/^acme_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/),
      prefix: expect.stringMatching(/^acme_[0-9A-Za-z]{8}$/),
    });
    const { text, prefix } = format.issue();
    expect([text.length, text.startsWith(`${prefix}_`), format.isWellFormed(text)]).toEqual([63, true, true]);
  });

  it('carries every bit of its randomness', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (a, b) => (base62(a, 43) === base62(b, 43)) === (Buffer.compare(a, b) === 0),
      ),
    );
    expect(base62(new Uint8Array(32).fill(255), 43)).not.toBe(base62(new Uint8Array(32).fill(255), 42));
    expect(base62(Buffer.from([61]), 2)).toBe('0z');
  });

  it('is told from every text that differs from it by one character', () => {
    const { text } = format.issue();
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_ é\n';
    for (let at = 0; at < text.length; at++) {
      for (const other of alphabet) {
        if (other === text[at]) continue;
        expect(format.isWellFormed(text.slice(0, at) + other + text.slice(at + 1))).toBe(false);
      }
      expect(format.isWellFormed(text.slice(0, at))).toBe(false);
      expect(format.isWellFormed(text.slice(0, at) + text.slice(at + 1))).toBe(false);
    }
  });

  it('is of its brand alone, and nothing else is one', () => {
    const { text } = format.issue();
    expect(new KeyFormat('acme').isWellFormed(text)).toBe(false);
    for (const other of [`${text}\n`, ` ${text}`, `Bearer ${text}`, '', null, undefined, 1, [text], { text }])
      expect(format.isWellFormed(other)).toBe(false);
  });

  it.each(['', 'c', 'CDB', '1cdb', 'cdb_', 'cdb live', 'toolong1', 7])('refuses the brand %j', (brand) => {
    expect(() => new KeyFormat(brand as string)).toThrow(/'brand'/);
  });

  it('is stored as its SHA-256', () => {
    expect(hashOfKey('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});

describe('a new key in an answer', () => {
  it('is printed by nothing but reveal', () => {
    const { text, prefix } = format.issue();
    const secret = new ApiKeySecret(text, prefix);
    const printed = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true, depth: 9 }),
      Object.values(secret).join(),
    ];
    const hidden = text.slice(prefix.length + 1);
    expect(printed.filter((each) => each.includes(hidden))).toEqual([]);
    expect(String(secret)).toBe(`${prefix}_…`);
    expect(secret.reveal()).toBe(text);
  });
});
