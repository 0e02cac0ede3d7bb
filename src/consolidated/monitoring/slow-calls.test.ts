import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../contract/call-event.ts';
import { slowCalls } from './slow-calls.ts';

function isSlow(event: Partial<CallEvent>): boolean {
  let told = 0;
  const times = { milliseconds: 0, queueMs: 0, connectMs: 0, serverMs: 0 };
  slowCalls(100, () => (told += 1))({ ...times, ...event } as CallEvent, []);
  return told === 1;
}

describe('a call is slow', () => {
  it('from the given time on, wherever it went', () => {
    expect([99, 100, 101].map((milliseconds) => isSlow({ kind: 'select', milliseconds }))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it.each(['transaction', 'stream', 'listen'] as const)(
    '%s: not for the time of code that it waits for',
    (kind) => {
      expect(isSlow({ kind, milliseconds: 10_000, serverMs: 99 })).toBe(false);
      expect(isSlow({ kind, milliseconds: 10_000, queueMs: 50, connectMs: 10, serverMs: 40 })).toBe(true);
    },
  );
});
