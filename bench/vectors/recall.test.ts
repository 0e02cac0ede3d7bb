import { expect, test } from 'vitest';
import { recallOf } from './recall.ts';

const truth = { ids: [7, 3, 9, 4], distances: [0.1, 0.2, 0.2, 0.5] };

test.each([
  ['all of them, in any order', [3, 7], 2, 1],
  ['any of those that are equally far', [9, 7], 2, 1],
  ['no more than the limit, even where ties make more right', [7, 3, 9], 2, 1],
  ['half of them', [7, 4], 2, 0.5],
  ['one twice', [7, 7], 2, 0.5],
  ['none', [], 2, 0],
  ['all that there are, below the limit', [7, 3, 9, 4], 10, 1],
  ['what stands behind the limit does not count', [1, 2, 7, 3], 2, 0],
])('%s', (_, found, limit, recall) => {
  expect(recallOf(found, truth, limit)).toBe(recall);
});

test('where there is nothing to find, nothing is missed', () => {
  expect(recallOf([], { ids: [], distances: [] }, 10)).toBe(1);
});
