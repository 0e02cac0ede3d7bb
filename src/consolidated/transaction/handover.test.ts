import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Handover } from './handover.ts';

/** Offers the items one after the other, then says that there are no more. */
async function produce(handover: Handover<string>, items: readonly string[], log: string[]): Promise<void> {
  for (const item of items) {
    log.push(`offers ${item}`);
    if (!(await handover.offer(item))) {
      log.push('is not wanted any more');
      return;
    }
  }
  handover.end();
}

describe('the handover', () => {
  it('hands items over in the order in which they were offered, whoever comes first', async () => {
    for (const consumerFirst of [true, false]) {
      const handover = new Handover<string>();
      const first = consumerFirst ? handover.take() : undefined;
      void produce(handover, ['a', 'b', 'c'], []);
      const taken = [await (first ?? handover.take())];
      for (let item = await handover.take(); item !== undefined; item = await handover.take()) {
        taken.push(item);
      }
      expect(taken).toEqual(['a', 'b', 'c']);
    }
  });

  it('keeps the producer waiting until its item is taken', async () => {
    const handover = new Handover<string>();
    const log: string[] = [];
    void produce(handover, ['a', 'b', 'c'], log);
    await nextTurn();
    expect(log).toEqual(['offers a']);
    await handover.take();
    await nextTurn();
    expect(log).toEqual(['offers a', 'offers b']);
    await handover.take();
    await nextTurn();
    expect(log).toEqual(['offers a', 'offers b', 'offers c']);
  });

  it('keeps the consumer waiting until there is an item', async () => {
    const handover = new Handover<string>();
    const log: string[] = [];
    const taking = handover.take().then((item) => log.push(`took ${item}`));
    await nextTurn();
    expect(log).toEqual([]);
    expect(await handover.offer('a')).toBe(true);
    await taking;
    expect(log).toEqual(['took a']);
  });

  it('hands over values that count as nothing', async () => {
    const handover = new Handover<string | number | null>();
    for (const value of ['', 0, null]) {
      void handover.offer(value);
      expect(await handover.take()).toBe(value);
    }
  });

  it('wakes a waiting consumer at the end, and says so ever after', async () => {
    const handover = new Handover<string>();
    const taking = handover.take();
    handover.end();
    expect(await taking).toBeUndefined();
    expect(await handover.take()).toBeUndefined();
  });

  it('hands over what was offered before the end came', async () => {
    const handover = new Handover<string>();
    void handover.offer('last');
    handover.end();
    expect(await handover.take()).toBe('last');
    expect(await handover.take()).toBeUndefined();
  });

  it('gives the error of the end to the consumer, after what was offered before it', async () => {
    const handover = new Handover<string>();
    const error = new Error('The producer failed.');
    void handover.offer('last');
    handover.end(error);
    expect(await handover.take()).toBe('last');
    await expect(handover.take()).rejects.toBe(error);
    await expect(handover.take()).rejects.toBe(error);
  });

  it('wakes a waiting consumer with the error', async () => {
    const handover = new Handover<string>();
    const error = new Error('The producer failed.');
    const taking = expect(handover.take()).rejects.toBe(error);
    handover.end(error);
    await taking;
  });

  it('ends as it was ended first', async () => {
    const handover = new Handover<string>();
    handover.end();
    handover.end(new Error('Too late.'));
    expect(await handover.take()).toBeUndefined();
  });

  it('tells a waiting producer that nobody wants more, and takes no further offers', async () => {
    const handover = new Handover<string>();
    const log: string[] = [];
    const producing = produce(handover, ['a', 'b'], log);
    handover.stop();
    await producing;
    expect(log).toEqual(['offers a', 'is not wanted any more']);
    expect(await handover.offer('c')).toBe(false);
  });

  it('tells the producer of a stop that came after its item had been taken', async () => {
    const handover = new Handover<string>();
    const offering = handover.offer('a');
    const taking = handover.take();
    handover.stop();
    expect([await taking, await offering]).toEqual(['a', false]);
  });
});
