import { expect, it } from 'vitest';
import { backend } from '../../../test/support/network/protocol-messages.ts';
import { wholeReply } from './whole-reply.ts';

it('a reply is whole when it ends with ReadyForQuery', () => {
  const whole = Buffer.concat([backend.commandComplete('SELECT 1'), backend.readyForQuery('T')]);
  expect(wholeReply(whole)).toBe(whole);
  for (const length of [0, 3, whole.length - 6, whole.length - 1]) {
    expect(() => wholeReply(whole.subarray(0, length))).toThrow(/no end/);
  }
});
