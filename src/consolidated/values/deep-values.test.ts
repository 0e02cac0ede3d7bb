import { describe, expect, it } from 'vitest';
import { op } from '../filters/operator.ts';
import { encodeJson } from './encode-json.ts';
import { encodeLoose } from './encode-loose.ts';

const LEVELS = 50_000;
const refused = expect.objectContaining({ name: 'ValidationError', outcome: 'not-applied' });

function nested(levels: number): unknown {
  let value: unknown = 'a';
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

describe('a value of 50,000 levels', () => {
  it('is refused where it would be an array', () => {
    expect(() => encodeLoose(nested(LEVELS), 'a value')).toThrow(refused);
  });

  it('is refused where it would be json', () => {
    expect(() => encodeJson(nested(LEVELS), 'a value')).toThrow(refused);
  });

  it('is refused where it is op.not', () => {
    expect(() => {
      let body = op.not(op.eq('a'));
      for (let level = 0; level < LEVELS; level++) body = op.not(body);
    }).toThrow(refused);
  });
});

it('arrays of six dimensions are sent, as Postgres has them, and of seven are refused', () => {
  expect(encodeLoose(nested(6), 'a value')).toBe('{{{{{{"a"}}}}}}');
  expect(() => encodeLoose(nested(7), 'a value')).toThrow(refused);
});
