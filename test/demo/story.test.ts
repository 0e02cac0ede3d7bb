import { expect, test } from 'vitest';
import { ExpectationError } from '../../examples/demo/step.ts';
import { Handed } from '../../examples/demo/story.ts';

test('a step takes what an earlier one gave', () => {
  const trip = new Handed<string>('trip');
  expect(trip.give('barcelona')).toBe('barcelona');
  expect(trip.take()).toBe('barcelona');
});

test('a step that misses what an earlier one should have made says so, and goes no further', () => {
  const take = () => new Handed<string>('trip to Barcelona').take();
  expect(take).toThrow(ExpectationError);
  expect(take).toThrow('There is no trip to Barcelona: an earlier step failed.');
});
