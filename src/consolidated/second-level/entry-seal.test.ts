import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EntrySeal } from './entry-seal.ts';

const KEY = randomBytes(32);
const QUESTION = '["identity","{\\"sub\\":\\"ann\\"}"]';

describe('a sealed entry', () => {
  const seal = new EntrySeal([KEY]);
  const [name] = seal.namesOf(QUESTION);
  const sealed = seal.seal(name, '{"secret":1}');

  it('is opened by who has the key, under its own name', () => {
    expect(new EntrySeal([KEY]).namesOf(QUESTION)).toEqual([name]);
    expect(new EntrySeal([KEY]).open(name, 0, sealed)).toBe('{"secret":1}');
  });

  it('shows neither the question nor the answer, and is another one each time', () => {
    expect(`${name} ${sealed}`).not.toMatch(/ann|secret|sub/);
    expect(Buffer.from(sealed.slice(3), 'base64url').toString('latin1')).not.toContain('secret');
    expect(seal.seal(name, '{"secret":1}')).not.toBe(sealed);
  });

  it('has a name that only who has the key can tell', () => {
    expect(new EntrySeal([randomBytes(32)]).namesOf(QUESTION)).not.toEqual([name]);
    expect(new EntrySeal([]).namesOf(QUESTION)).not.toEqual([name]);
  });

  it('is refused under the name of another question', () => {
    const [other] = seal.namesOf('["identity","{\\"sub\\":\\"ben\\"}"]');
    expect(seal.open(other, 0, sealed)).toBeUndefined();
  });

  it('is refused where any byte of it was changed', () => {
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(seal.open(name, 0, `s1.${changed.toString('base64url')}`)).toBeUndefined();
    }
  });

  it.each(['', 's1.', 's1.AAAA', 'p1.{}', '{}', sealed.slice(0, -4), `${sealed}AAAA`, sealed.slice(3)])(
    'is refused as %j',
    (value) => {
      expect(seal.open(name, 0, value)).toBeUndefined();
    },
  );

  it('is refused with another key', () => {
    expect(new EntrySeal([randomBytes(32)]).open(name, 0, sealed)).toBeUndefined();
  });

  it('is found and opened by who has a newer key before that one', () => {
    const both = new EntrySeal([randomBytes(32), KEY]);
    const names = both.namesOf(QUESTION);
    expect(names).toHaveLength(2);
    expect(names[1]).toBe(name);
    expect(both.open(name, 1, sealed)).toBe('{"secret":1}');
    expect(both.seal(names[0], 'x')).not.toBe(sealed);
    expect(seal.open(name, 0, both.seal(names[0], 'x'))).toBeUndefined();
  });
});

describe('an entry without keys', () => {
  const plain = new EntrySeal([]);

  it('is as it is, under a hash', () => {
    const [name] = plain.namesOf(QUESTION);
    expect(name).not.toContain('ann');
    expect(plain.open(name, 0, plain.seal(name, '{}'))).toBe('{}');
  });

  it('is not opened by who has a key, nor the other way', () => {
    const sealing = new EntrySeal([KEY]);
    const [name] = plain.namesOf(QUESTION);
    expect(sealing.open(name, 0, plain.seal(name, '{}'))).toBeUndefined();
    expect(plain.open(name, 0, sealing.seal(name, '{}'))).toBeUndefined();
  });
});
