import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { candidatesOf } from './drawn-mutants.ts';
import { EQUIVALENT } from './equivalent.ts';

const root = resolve(import.meta.dirname, '../..');

it('lists as equivalent only mutants that can still be drawn, each once', () => {
  const told = EQUIVALENT.map(({ file, symbol, change }) => `${file} ${symbol}: ${change}`);
  expect(new Set(told).size).toBe(told.length);
  const drawable = [...new Set(EQUIVALENT.map(({ file }) => file))].flatMap((file) =>
    candidatesOf(readFileSync(join(root, file), 'utf8'), file, 'wire').map(
      ({ symbol, change }) => `${file} ${symbol}: ${change}`,
    ),
  );
  expect(told.filter((one) => !drawable.includes(one))).toEqual([]);
});
