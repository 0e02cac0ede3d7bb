import { expect, it } from 'vitest';
import { didYouMean, shown } from './did-you-mean.ts';

it('names the nearest name', () => {
  expect(didYouMean('titel', ['id', 'title', 'tag'])).toBe(' Did you mean "title"?');
  expect(didYouMean('createdAt', ['created_at', 'updated_at'])).toBe(' Did you mean "created_at"?');
});

it('lists what there is when nothing is near, and not too much of it', () => {
  expect(didYouMean('zzzzzz', ['id', 'title'])).toBe(' Available: id, title.');
  expect(
    didYouMean(
      'zzzzzz',
      Array.from({ length: 20 }, (_, index) => `name_${index}`),
    ),
  ).toMatch(/name_11, …\.$/);
  expect(didYouMean('x', [])).toBe('');
  expect(didYouMean('x'.repeat(1_000_000), ['id'])).toBe(' Available: id.');
});

it('shows names of callers in one line, and not all of a long one', () => {
  expect(shown('a\nb"')).toBe('"a\\nb\\""');
  expect(shown('x'.repeat(1000))).toHaveLength(66);
});
