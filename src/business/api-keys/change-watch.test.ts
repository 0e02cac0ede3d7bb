import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { NotificationHandler } from '../../consolidated/typed/subscription.ts';
import { ChangeWatch } from './change-watch.ts';

function setUp() {
  const clock = new FakeClock();
  const heard: NotificationHandler[] = [];
  const seen = { changes: 0, ended: 0, tries: 0, outside: 0 };
  const server: { fault: Error | undefined } = { fault: undefined };
  const handle = {
    async listen(channel: string, handler: NotificationHandler) {
      seen.tries += 1;
      if (server.fault !== undefined) throw server.fault;
      heard.push(handler);
      const unsubscribe = async () => void seen.ended++;
      return { channel, unsubscribe, [Symbol.asyncDispose]: unsubscribe };
    },
    outside<Result>(fn: () => Result): Result {
      seen.outside += 1;
      return fn();
    },
  };
  const watch = new ChangeWatch(handle, () => void seen.changes++, clock);
  return { clock, heard, seen, server, watch };
}

describe('what watches for changes of keys', () => {
  it('subscribes once, outside of any transaction, and tells of each change and of what it may have missed', async () => {
    const { clock, heard, seen, watch } = setUp();
    for (let n = 0; n < 5; n++) watch.start();
    await clock.advance(0);
    for (let n = 0; n < 5; n++) watch.start();
    expect([watch.isStarted, seen]).toEqual([true, { changes: 1, ended: 0, tries: 1, outside: 1 }]);
    heard[0]?.('');
    expect(seen.changes).toBe(2);
    await watch.close();
    watch.start();
    expect([watch.isStarted, seen.ended, seen.tries]).toEqual([false, 1, 1]);
  });

  it('tries again after half a minute where nothing can be heard', async () => {
    const { clock, seen, server, watch } = setUp();
    server.fault = new Error('no mode can listen');
    for (let n = 0; n < 5; n++) {
      watch.start();
      await clock.advance(1_000);
    }
    expect([watch.isStarted, seen.tries]).toEqual([false, 1]);
    server.fault = undefined;
    await clock.advance(25_000);
    watch.start();
    await clock.advance(0);
    expect([watch.isStarted, seen.tries]).toEqual([true, 2]);
  });

  it('ends a subscription that is still starting when it closes', async () => {
    const { seen, watch } = setUp();
    watch.start();
    await watch.close();
    expect([seen.ended, watch.isStarted]).toEqual([1, false]);
  });
});
