import { expect, it } from 'vitest';
import { moduleImports } from './module-imports.ts';

const SOURCE = `
import { readFileSync } from 'node:fs';
import { one } from './one.ts';
import {
  type Two,
  two,
} from '../two.ts';
import type {
  Three,
} from './three.ts';
import './four.ts';
export { five } from './five.ts';
export type { Six } from './six.ts';
export const name = './none.ts';
export type Seven = './none.ts';
const eight = await import('./eight.ts');
const nine = new URL('./nine.sql', import.meta.url);
`;

it('tells what a source text imports from the project, and what of it vanishes before the code runs', () => {
  expect(moduleImports(SOURCE).map(({ specifier, kind }) => `${kind} ${specifier}`)).toEqual([
    'value ./one.ts',
    'value ../two.ts',
    'type ./three.ts',
    'value ./four.ts',
    'value ./five.ts',
    'type ./six.ts',
    'value ./eight.ts',
    'url ./nine.sql',
  ]);
});
