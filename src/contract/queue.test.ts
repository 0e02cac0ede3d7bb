import { describe, expect, it } from 'vitest';
import { Queue } from './queue.ts';

describe('a queue', () => {
  it('keeps the order in which its members came, whoever leaves', () => {
    const queue = new Queue<string>();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => queue.add(name));
    queue.remove(b!);
    expect(queue.members()).toEqual(['a', 'c', 'd']);
    queue.remove(a!);
    queue.remove(d!);
    expect([queue.first, queue.size]).toEqual(['c', 1]);
    queue.add('e');
    expect(queue.members()).toEqual(['c', 'e']);
    queue.remove(c!);
    expect(queue.first).toBe('e');
  });

  it('lets a member leave once', () => {
    const queue = new Queue<number>();
    const place = queue.add(1);
    expect(queue.remove(place)).toBe(true);
    expect(queue.remove(place)).toBe(false);
    expect([queue.first, queue.size, queue.members()]).toEqual([undefined, 0, []]);
  });

  it('keeps no way from a member that has left to those that stay', () => {
    const queue = new Queue<number>();
    const left = queue.add(1);
    queue.add(2);
    queue.remove(left);
    expect({ ...left }).toEqual({ value: undefined, before: undefined, after: undefined });
  });
});
