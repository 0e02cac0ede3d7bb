import { expect, it } from 'vitest';
import { backend } from '../../../test/support/network/protocol-messages.ts';
import { readNotifications } from './read-notifications.ts';

function notification(channel: string, payload: string): Buffer {
  const body = Buffer.concat([Buffer.from([0, 0, 0, 42]), Buffer.from(`${channel}\0${payload}\0`)]);
  const header = Buffer.alloc(5);
  header.write('A');
  header.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([header, body]);
}

it('finds the notifications of a reply among its other messages', () => {
  const reply = Buffer.concat([
    backend.parseComplete(),
    notification('trips', 'one'),
    backend.commandComplete('SELECT 1'),
    notification('Größe "x"', ''),
    backend.readyForQuery('I'),
  ]);
  expect(readNotifications(reply)).toEqual([
    { channel: 'trips', payload: 'one' },
    { channel: 'Größe "x"', payload: '' },
  ]);
  expect(readNotifications(Buffer.concat([backend.readyForQuery('I')]))).toEqual([]);
});
