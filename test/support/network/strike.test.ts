import { describe, expect, it } from 'vitest';
import { MessageReader } from './message-reader.ts';
import { backend, frontend } from './protocol-messages.ts';
import { cutWithin, OperationWatch } from './strike.ts';

const REPLY = new MessageReader().push(
  Buffer.concat([
    backend.parseComplete(),
    backend.bindComplete(),
    backend.dataRow(['a']),
    backend.dataRow(['b']),
    backend.commandComplete('SELECT 2'),
    backend.readyForQuery('I'),
  ]),
);

/** Bytes that pass before the cut. */
function passing(boundary: string, skip = 0): number | undefined {
  const watch = new OperationWatch({ kind: 'cut', boundary, skip, how: 'reset' });
  return cutWithin(watch, 'batch', 'reply', REPLY, true);
}

const lengths = REPLY.map(({ bytes }) => bytes.length);
const upTo = (count: number): number => lengths.slice(0, count).reduce((sum, length) => sum + length, 0);

describe('a cut', () => {
  it('falls before the first message, behind each, and in the middle of each', () => {
    expect(passing('batch: before the reply')).toBe(0);
    expect(passing('batch: reply after ParseComplete')).toBe(upTo(1));
    expect(passing('batch: reply after ReadyForQuery')).toBe(upTo(6));
    const middle = passing('batch: reply in CommandComplete') ?? 0;
    expect(middle).toBeGreaterThan(upTo(4));
    expect(middle).toBeLessThan(upTo(5));
  });

  it('lets as many of its kind pass as it is told to skip', () => {
    expect(passing('batch: reply after DataRow')).toBe(upTo(3));
    expect(passing('batch: reply after DataRow', 1)).toBe(upTo(4));
    expect(passing('batch: reply after DataRow', 2)).toBeUndefined();
  });

  it('belongs to one part and one side', () => {
    expect(passing('inside: reply after DataRow')).toBeUndefined();
    expect(passing('batch: request after Sync')).toBeUndefined();
  });

  it('strikes once', () => {
    const watch = new OperationWatch({
      kind: 'cut',
      boundary: 'batch: before the reply',
      skip: 0,
      how: 'end',
    });
    expect(cutWithin(watch, 'batch', 'reply', REPLY, true)).toBe(0);
    expect(cutWithin(watch, 'batch', 'reply', REPLY, true)).toBeUndefined();
  });
});

describe('a watch', () => {
  it('learns all boundaries that an operation passes, and how often', () => {
    const watch = new OperationWatch(undefined);
    cutWithin(
      watch,
      'batch',
      'request',
      new MessageReader().push(Buffer.concat([frontend.bind(), frontend.sync()])),
      true,
    );
    cutWithin(watch, 'batch', 'reply', REPLY, true);
    expect(watch.passed.get('batch: request after Sync')).toBe(1);
    expect(watch.passed.get('batch: reply in DataRow')).toBe(2);
    expect(watch.passed.get('batch: before the request')).toBe(1);
    expect(watch.passed.has('batch: request after Parse')).toBe(false);
  });

  it('begins to swallow with the batch that it is told, and never before', () => {
    const watch = new OperationWatch({ kind: 'black hole', direction: 'to-client', part: 'inside', skip: 1 });
    for (const part of ['BEGIN', 'inside'] as const) watch.sends(part);
    expect(watch.swallowed).toBeUndefined();
    watch.sends('inside');
    expect(watch.swallowed).toBe('to-client');
  });
});
