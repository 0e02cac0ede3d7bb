import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { KeyUses } from './key-uses.ts';

function setUp() {
  const clock = new FakeClock();
  const start = clock.wallNow();
  const written: Record<string, number>[] = [];
  const database: { fault: Error | undefined } = { fault: undefined };
  const uses = new KeyUses({
    clock,
    flushEveryMs: 60_000,
    async write(pending) {
      written.push(Object.fromEntries([...pending].map(([id, at]) => [id, at - start])));
      if (database.fault !== undefined) throw database.fault;
    },
  });
  return { clock, written, database, uses };
}

describe('uses of keys', () => {
  it('are written together a minute after the first, the latest of each key', async () => {
    const { clock, written, uses } = setUp();
    for (let n = 0; n < 1_000; n++) uses.note(n % 2 === 0 ? 'a' : 'b');
    await clock.advance(10_000);
    uses.note('a');
    await clock.advance(50_000);
    expect(written).toEqual([{ a: 10_000, b: 0 }]);
    await clock.advance(600_000);
    expect([written.length, clock.pending]).toEqual([1, 0]);
  });

  it('that could not be written are written with the next ones, and counted', async () => {
    const { clock, written, database, uses } = setUp();
    uses.note('a');
    uses.note('b');
    database.fault = new Error('away');
    await clock.advance(60_000);
    uses.note('a');
    database.fault = undefined;
    await clock.advance(60_000);
    expect(written).toEqual([
      { a: 0, b: 0 },
      { a: 60_000, b: 0 },
    ]);
    expect([uses.failures, uses.pending]).toEqual([1, 0]);
  });

  it('are written when it closes, and not noted afterwards', async () => {
    const { clock, written, uses } = setUp();
    uses.note('a');
    await uses.close();
    uses.note('b');
    await uses.close();
    expect([written, uses.pending, clock.pending]).toEqual([[{ a: 0 }], 0, 0]);
  });

  it('do not let it fail to close', async () => {
    const { database, uses } = setUp();
    database.fault = new Error('away');
    uses.note('a');
    await uses.close();
    expect(uses.failures).toBe(1);
  });

  it('are of ten thousand keys at most until they are written', () => {
    const { uses } = setUp();
    for (let n = 0; n < 20_000; n++) uses.note(String(n));
    expect(uses.pending).toBe(10_000);
  });
});
