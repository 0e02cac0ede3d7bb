import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { confirm, confirmName } from './confirm.ts';

function terminal(answer: string, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  input.end(answer);
  return { input, output };
}

it.each([
  ['y\n', true],
  ['Yes\n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
  ['', false],
])('the answer %o is %o', async (answer, expected) => {
  const place = terminal(answer);
  expect(await confirm('Drop them?', place)).toBe(expected);
  expect(String(place.output.read())).toContain('Drop them? [y/N] ');
});

it('nobody is asked where there is no terminal', async () => {
  const place = terminal('y\n', false);
  expect(await confirm('Drop them?', place)).toBe(false);
  expect(place.output.read()).toBeNull();
});

it.each([
  ['public.trips\n', true],
  ['  public.trips \n', true],
  ['trips\n', false],
  ['PUBLIC.TRIPS\n', false],
  ['y\n', false],
  ['', false],
])('the name %o is %o', async (answer, expected) => {
  const place = terminal(answer);
  expect(await confirmName('This opens it.', 'public.trips', place)).toBe(expected);
  expect(String(place.output.read())).toContain('This opens it. Type public.trips to go on: ');
  expect(await confirmName('This opens it.', 'public.trips', terminal(answer, false))).toBe(false);
});
