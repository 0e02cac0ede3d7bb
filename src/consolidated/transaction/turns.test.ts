import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Turn } from '../call/call-place.ts';
import { Turns } from './turns.ts';

/** Which of these turns have begun, or were refused, by now. */
async function begun(...turns: readonly Turn[]): Promise<string[]> {
  const states = turns.map(() => 'waits');
  turns.forEach((turn, i) => {
    turn.begins.then(
      () => {
        states[i] = 'begun';
      },
      () => {
        states[i] = 'refused';
      },
    );
  });
  await nextTurn();
  return states;
}

describe('turns', () => {
  it('begin one after the other, in the order in which they were taken', async () => {
    const turns = new Turns();
    const [first, second, third] = [turns.take(), turns.take(), turns.take()];
    expect(await begun(first, second, third)).toEqual(['begun', 'waits', 'waits']);
    first.end();
    expect(await begun(second, third)).toEqual(['begun', 'waits']);
    second.end();
    expect(await begun(third)).toEqual(['begun']);
  });

  it('do not overtake when one before them is given up', async () => {
    const turns = new Turns();
    const [first, second, third] = [turns.take(), turns.take(), turns.take()];
    second.end();
    expect(await begun(third)).toEqual(['waits']);
    first.end();
    expect(await begun(third)).toEqual(['begun']);
  });

  it('that have not come are refused once one has failed', async () => {
    const turns = new Turns();
    const [first, second] = [turns.take(), turns.take()];
    await first.begins;
    turns.refuse(new Error('the first one'));
    turns.refuse(new Error('a later one'));
    first.end();
    await expect(second.begins).rejects.toThrow('the first one');
    second.end();
    await expect(turns.take().begins).rejects.toThrow('the first one');
  });

  it('have ended when all that were taken have', async () => {
    const turns = new Turns();
    const [first, second] = [turns.take(), turns.take()];
    let ended = false;
    void turns.ended.then(() => {
      ended = true;
    });
    first.end();
    await nextTurn();
    expect(ended).toBe(false);
    second.end();
    await nextTurn();
    expect(ended).toBe(true);
  });
});
