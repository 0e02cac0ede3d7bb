import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { handOver, receiveInTurn, writeInTurn } from './turn.ts';

function receiver(name: string, log: string[]) {
  return { receive: (chunk: Buffer) => void log.push(`${name} received ${chunk}`) };
}

/** A fake: only what is asked of a socket here. */
function socket(name: string, log: string[], destroyed = false): Socket {
  return { destroyed, write: (bytes: Buffer) => log.push(`${name} wrote ${bytes}`) } as unknown as Socket;
}

it('hands over in the order in which chunks came, once all have come', async () => {
  const log: string[] = [];
  receiveInTurn(receiver('a', log), Buffer.from('1'));
  receiveInTurn(receiver('b', log), Buffer.from('2'));
  receiveInTurn(receiver('a', log), Buffer.from('3'));
  expect(log).toEqual([]);
  await nextTurn();
  expect(log).toEqual(['a received 1', 'b received 2', 'a received 3']);
});

it('hands over at once what must not be overtaken, and does so once', async () => {
  const log: string[] = [];
  receiveInTurn(receiver('a', log), Buffer.from('1'));
  handOver();
  expect(log).toEqual(['a received 1']);
  await nextTurn();
  expect(log).toEqual(['a received 1']);
});

it('writes what follows from replies after all of them, before the next turn', async () => {
  const log: string[] = [];
  const first = socket('a', log);
  const second = socket('b', log);
  const answering = (by: Socket) => ({
    receive(chunk: Buffer) {
      log.push(`handled ${chunk}`);
      void Promise.resolve().then(() => writeInTurn(by, chunk));
    },
  });
  receiveInTurn(answering(first), Buffer.from('1'));
  receiveInTurn(answering(second), Buffer.from('2'));
  await nextTurn();
  expect(log).toEqual(['handled 1', 'handled 2', 'a wrote 1', 'b wrote 2']);
});

it('writes nothing to a socket that is gone', async () => {
  const log: string[] = [];
  writeInTurn(socket('a', log, true), Buffer.from('1'));
  writeInTurn(socket('b', log), Buffer.from('2'));
  await nextTurn();
  expect(log).toEqual(['b wrote 2']);
});
