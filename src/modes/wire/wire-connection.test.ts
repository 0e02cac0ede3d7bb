import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { backend, messageOfLength } from '../../../test/support/network/protocol-messages.ts';
import { connectionLost } from '../../contract/failures.ts';
import type { ExchangeRequest } from './exchange.ts';
import type { Step } from './reply-machine.ts';
import { type Channel, WireConnection } from './wire-connection.ts';

const MEGABYTE = 1 << 20;
const COMMAND: Step = {
  kind: 'execute',
  parse: true,
  describe: false,
  answer: 'command',
  prepared: undefined,
};
const ROWS: Step = { ...COMMAND, describe: true, answer: 'rows' };

const READY = backend.readyForQuery('I');
const DONE = Buffer.concat([
  backend.parseComplete(),
  backend.bindComplete(),
  backend.commandComplete('UPDATE 1'),
]);
/** Parameters, columns and all that comes before the rows of one column. */
const BEFORE_ROWS = Buffer.concat([
  backend.parseComplete(),
  messageOfLength('t', 6, Buffer.from([0, 0])),
  backend.rowDescription([{ name: 'id' }]),
  backend.bindComplete(),
]);
const NOTICE = backend.notice({ code: '00000', message: 'a'.repeat(1000) });

/** A fake: remembers what is done to it, and answers nothing. */
class FakeChannel implements Channel {
  flushed = true;
  readonly cancel: (() => Promise<void>) | undefined;
  readonly log: string[] = [];

  constructor(cancellable: boolean) {
    if (cancellable) this.cancel = async () => void this.log.push('cancel');
  }

  write(bytes: Buffer): void {
    this.log.push(`write ${bytes}`);
  }
  destroy(): void {
    this.log.push('destroy');
  }
  end(): void {
    this.log.push('end');
  }
}

function fixture({ cancellable = true, maxPrepared = 10 } = {}) {
  const clock = new FakeClock();
  const channel = new FakeChannel(cancellable);
  const connection = new WireConnection(channel, clock, maxPrepared);
  const request = (
    given: Partial<ExchangeRequest> & { readonly maxBytes?: number; readonly maxRows?: number },
  ): ExchangeRequest => {
    const { maxBytes = 10_000, maxRows = 10, ...rest } = given;
    const limits = { deadline: clock.now() + 500, maxRows, maxBytes };
    return { bytes: Buffer.from('batch'), steps: [COMMAND], nonce: '', access: 'read', limits, ...rest };
  };
  /** The promise may be left alone: whoever wants its end awaits it. */
  const exchange = (given: Parameters<typeof request>[0] = {}) => {
    const promise = connection.exchange(request(given));
    promise.catch(() => undefined);
    return promise;
  };
  const receive = (...messages: readonly Buffer[]): void => connection.receive(Buffer.concat(messages));
  return { clock, channel, connection, exchange, receive };
}

describe('a connection', () => {
  it('writes a batch and answers it at ReadyForQuery', async () => {
    const { channel, connection, exchange, receive } = fixture();
    const batch = exchange();
    expect([connection.busy, channel.log]).toEqual([true, ['write batch']]);
    receive(DONE);
    expect(connection.busy).toBe(true);
    receive(READY);
    expect(connection.busy).toBe(false);
    expect(await batch).toMatchObject({ status: 'I', tag: 'UPDATE 1' });
  });

  it('carries one batch at a time', async () => {
    const { channel, exchange, receive } = fixture();
    const first = exchange();
    expect(() => exchange()).toThrow(/already running/);
    expect(channel.log).toEqual(['write batch']);
    receive(DONE, READY);
    await first;
    const second = exchange();
    receive(DONE, READY);
    expect(await second).toMatchObject({ tag: 'UPDATE 1' });
  });

  it('keeps the status of the last ReadyForQuery and the time of it', async () => {
    const { clock, connection, exchange, receive } = fixture();
    const start = clock.now();
    expect([connection.status, connection.lastUsedAt]).toEqual(['I', start]);
    for (const [i, status] of ['T', 'E', 'I'].entries()) {
      await clock.advance(10);
      void exchange();
      receive(DONE, backend.readyForQuery(status));
      expect([connection.status, connection.lastUsedAt]).toEqual([status, start + 10 * (i + 1)]);
    }
  });

  it('keeps the names that the server was told to close until it has answered', () => {
    const { connection, exchange, receive } = fixture({ maxPrepared: 0 });
    const { name } = connection.prepared.use('plan', 'role');
    connection.prepared.use('plan', 'role').ready = true;
    expect(connection.prepared.evict([])).toEqual([name]);
    void exchange({ steps: [COMMAND, { kind: 'close', name }] });
    receive(DONE, backend.closeComplete());
    expect(connection.prepared.mustClose(name)).toBe(true);
    receive(READY);
    expect(connection.prepared.mustClose(name)).toBe(false);
  });

  it('takes what a refused batch should have prepared for not there', async () => {
    const { connection, exchange, receive } = fixture();
    const prepared = connection.prepared.use('plan', 'role');
    const batch = exchange({ steps: [{ ...COMMAND, prepared }] });
    receive(backend.error({ code: '42P01', message: 'no such relation' }), READY);
    expect((await batch).error?.code).toBe('42P01');
    expect(connection.prepared.size).toBe(0);
    expect(connection.prepared.mustClose(prepared.name)).toBe(true);
  });
});

describe('a connection that receives too much', () => {
  it.each([
    { access: 'read', outcome: 'not-applied' },
    { access: 'write', outcome: 'unknown' },
  ] as const)('ends a $access at its cap of bytes: $outcome', async ({ access, outcome }) => {
    const { channel, connection, exchange, receive } = fixture();
    const batch = exchange({ access, steps: [ROWS], maxBytes: 200, maxRows: 1000 });
    receive(BEFORE_ROWS);
    for (let i = 0; i < 10; i++) receive(backend.dataRow(['a'.repeat(20)]));
    expect(connection.broken?.code).toBe('RESULT_TOO_LARGE');
    expect(channel.log).toEqual(['write batch', 'destroy']);
    await expect(batch).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE', outcome });
    await expect(batch).rejects.toThrow('more than 200 bytes');
  });

  it('takes a batch up to its cap, and counts each one by itself', async () => {
    const { connection, exchange, receive } = fixture();
    const reply = [DONE, READY];
    const maxBytes = Buffer.concat(reply).length;
    for (let i = 0; i < 3; i++) {
      const batch = exchange({ maxBytes });
      receive(...reply);
      expect(await batch).toMatchObject({ tag: 'UPDATE 1' });
    }
    const tooLarge = exchange({ maxBytes: maxBytes - 1 });
    receive(...reply);
    await expect(tooLarge).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' });
    expect(connection.broken).toBeDefined();
  });

  it('refuses a row by its header, before the row has come', async () => {
    const { channel, exchange, receive } = fixture();
    const batch = exchange({ steps: [ROWS], maxBytes: 1000 });
    receive(BEFORE_ROWS, messageOfLength('D', 1001));
    expect(channel.log).toEqual(['write batch', 'destroy']);
    await expect(batch).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' });
  });

  it.each([
    ['a command tag above the cap', messageOfLength('C', 1001)],
    ['a notice above the cap', messageOfLength('N', 1001)],
    ['a row that is longer than Postgres has them', messageOfLength('D', 2 ** 30 + 1)],
  ])('takes %s for a reply that was cut', async (_, header) => {
    const { channel, exchange, receive } = fixture();
    const maxBytes = header[0] === 0x44 ? Number.MAX_SAFE_INTEGER : 1000;
    const batch = exchange({ steps: [ROWS], maxBytes, access: 'write' });
    receive(BEFORE_ROWS, header);
    expect(channel.log).toEqual(['write batch', 'destroy']);
    await expect(batch).rejects.toMatchObject({ code: 'REPLY_MISMATCH', outcome: 'unknown' });
  });

  it('ends a batch at its cap of rows', async () => {
    const { channel, exchange, receive } = fixture();
    const batch = exchange({ steps: [ROWS], maxRows: 2, access: 'write' });
    receive(BEFORE_ROWS, backend.dataRow(['1']), backend.dataRow(['2']));
    expect(channel.log).toEqual(['write batch']);
    receive(backend.dataRow(['3']));
    await expect(batch).rejects.toMatchObject({
      code: 'RESULT_TOO_LARGE',
      outcome: 'unknown',
      hint: expect.stringContaining("'maxRows'"),
    });
    expect(channel.log).toEqual(['write batch', 'destroy']);
  });

  it('takes a megabyte while idle and breaks beyond it', () => {
    const { connection, receive } = fixture();
    const notices = Math.floor(MEGABYTE / NOTICE.length);
    for (let i = 0; i < notices; i++) receive(NOTICE);
    expect(connection.broken).toBeUndefined();
    receive(NOTICE);
    expect(connection.broken).toMatchObject({ code: 'REPLY_MISMATCH' });
    expect(connection.broken?.message).toContain('too much data on an idle connection');
  });

  it('counts what comes while idle without what a batch was answered with', () => {
    const { connection, exchange, receive } = fixture();
    void exchange({ steps: [ROWS], maxBytes: 2 * MEGABYTE });
    const row = backend.dataRow(['a'.repeat(MEGABYTE)]);
    receive(BEFORE_ROWS, row, backend.commandComplete('SELECT 1'), READY);
    receive(NOTICE);
    expect([connection.busy, connection.broken]).toEqual([false, undefined]);
  });

  it('counts what came while idle anew after each batch', () => {
    const { connection, exchange, receive } = fixture();
    const notices = Math.floor(MEGABYTE / NOTICE.length);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < notices; i++) receive(NOTICE);
      void exchange();
      receive(DONE, READY);
    }
    expect(connection.broken).toBeUndefined();
  });

  it('refuses by its header what would flood it while idle', () => {
    const { connection, receive } = fixture();
    receive(messageOfLength('N', MEGABYTE + 1));
    expect(connection.broken).toMatchObject({ code: 'REPLY_MISMATCH' });
  });
});

describe('a connection on which nothing is under way', () => {
  it('lets notices, notifications and parameter changes pass', async () => {
    const { connection, exchange, receive } = fixture();
    receive(NOTICE, backend.notification(7, 'news', 'hello'), backend.parameterStatus('TimeZone', 'UTC'));
    expect(connection.broken).toBeUndefined();
    const batch = exchange();
    receive(DONE, READY);
    expect(await batch).toMatchObject({ tag: 'UPDATE 1' });
  });

  it('is lost when the server says goodbye', () => {
    const { channel, connection, receive } = fixture();
    receive(backend.error({ severity: 'FATAL', code: '57P01', message: 'terminating connection' }));
    expect(connection.broken).toMatchObject({ code: 'CONNECTION_LOST', outcome: 'not-applied' });
    expect(connection.broken?.cause).toMatchObject({ message: 'The server closed the connection (57P01).' });
    expect(channel.log).toEqual(['destroy']);
  });

  it.each([
    ['a ReadyForQuery', READY],
    ['a row', backend.dataRow(['theirs'])],
    ['a whole reply', Buffer.concat([DONE, READY])],
    ['a suspended portal', backend.portalSuspended()],
    ['an error that is none', messageOfLength('E', 5, Buffer.from([0]))],
    ['bytes that are no message', Buffer.from('HTTP/1.1 400 Bad Request')],
  ])('breaks at %s', (_, bytes) => {
    const { channel, connection, receive } = fixture();
    receive(bytes);
    expect(connection.broken).toMatchObject({ code: 'REPLY_MISMATCH' });
    expect(channel.log).toEqual(['destroy']);
  });

  it('breaks at what follows the answer in one chunk, and the answer stands', async () => {
    const { connection, exchange, receive } = fixture();
    const batch = exchange();
    receive(DONE, READY, DONE, READY);
    expect(await batch).toMatchObject({ tag: 'UPDATE 1' });
    expect(connection.broken).toMatchObject({ code: 'REPLY_MISMATCH' });
  });
});

describe('a connection that breaks', () => {
  it('gives its batch the error, takes no other one and writes nothing more', async () => {
    const { channel, connection, exchange, receive } = fixture();
    const batch = exchange({ access: 'write' });
    receive(backend.dataRow(['theirs']));
    await expect(batch).rejects.toMatchObject({ code: 'REPLY_MISMATCH', outcome: 'unknown' });
    expect(connection.busy).toBe(false);
    await expect(exchange({ access: 'write' })).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      outcome: 'not-applied',
      cause: connection.broken,
    });
    expect(channel.log).toEqual(['write batch', 'destroy']);
  });

  it('hears nothing more: not the rest of the chunk, not the next one, not the end', () => {
    const { channel, connection, receive } = fixture();
    receive(backend.error({ severity: 'FATAL', code: '57P01', message: 'goodbye' }), DONE, READY);
    const { broken } = connection;
    receive(DONE, READY);
    connection.closed(new Error('read ECONNRESET'));
    connection.destroy(connectionLost('write'));
    connection.end();
    expect(broken?.code).toBe('CONNECTION_LOST');
    expect(connection.broken).toBe(broken);
    expect(channel.log).toEqual(['destroy']);
  });

  it('leaves nothing scheduled', () => {
    const { clock, connection, exchange } = fixture();
    void exchange();
    expect(clock.pending).toBe(1);
    connection.destroy(connectionLost('read'));
    expect(clock.pending).toBe(0);
  });
});

describe('a connection that a cancel is on its way to', () => {
  it('breaks when the batch was answered all the same, and the caller gets the answer', async () => {
    const { clock, channel, connection, exchange, receive } = fixture();
    const batch = exchange();
    await clock.advance(600);
    receive(DONE, READY);
    expect(await batch).toMatchObject({ tag: 'UPDATE 1' });
    expect(connection.broken).toMatchObject({ code: 'CONNECTION_LOST', outcome: 'not-applied' });
    expect(channel.log).toEqual(['write batch', 'cancel', 'destroy']);
    expect(clock.pending).toBe(0);
  });

  it('breaks when the batch was cancelled', async () => {
    const { clock, channel, connection, exchange, receive } = fixture();
    const batch = exchange();
    await clock.advance(600);
    receive(backend.error({ code: '57014', message: 'canceling statement due to user request' }), READY);
    await expect(batch).rejects.toMatchObject({ code: 'TIMEOUT', outcome: 'not-applied' });
    expect(connection.broken).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(channel.log).toEqual(['write batch', 'cancel', 'destroy']);
  });

  it('is destroyed a second after the cancel when nothing comes', async () => {
    const { clock, channel, connection, exchange } = fixture();
    const batch = exchange({ access: 'write' });
    await clock.advance(1_599);
    await expect(batch).rejects.toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
    expect([connection.busy, connection.broken]).toEqual([true, undefined]);
    await clock.advance(1);
    expect([connection.busy, connection.broken?.code]).toEqual([false, 'TIMEOUT']);
    expect(channel.log).toEqual(['write batch', 'cancel', 'destroy']);
    expect(clock.pending).toBe(0);
  });

  it('lives on where no cancel can be sent, once the answer has come', async () => {
    const { clock, channel, connection, exchange, receive } = fixture({ cancellable: false });
    const batch = exchange();
    await clock.advance(10_000);
    await expect(batch).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(connection.busy).toBe(true);
    receive(DONE, READY);
    expect([connection.busy, connection.broken]).toEqual([false, undefined]);
    const next = exchange();
    receive(DONE, READY);
    expect(await next).toMatchObject({ tag: 'UPDATE 1' });
    expect(channel.log).toEqual(['write batch', 'write batch']);
  });
});

describe('who waits for a connection', () => {
  it('is called once when the batch has ended', () => {
    const { connection, exchange, receive } = fixture();
    const log: string[] = [];
    void exchange();
    connection.whenIdle(() => log.push(`idle, busy: ${connection.busy}`));
    receive(DONE);
    expect(log).toEqual([]);
    receive(READY);
    void exchange();
    receive(DONE, READY);
    expect(log).toEqual(['idle, busy: false']);
  });

  it('is called when the connection breaks instead, also after a cancel', async () => {
    for (const how of ['closed', 'cancelled'] as const) {
      const { clock, connection, exchange, receive } = fixture();
      const log: string[] = [];
      void exchange();
      await clock.advance(600);
      connection.whenIdle(() => log.push(`idle, broken: ${connection.broken?.code}`));
      if (how === 'closed') connection.closed();
      else receive(DONE, READY);
      expect(log, how).toEqual(['idle, broken: CONNECTION_LOST']);
    }
  });

  it('is called when an idle one breaks, unless it has ceased to listen', () => {
    const log: string[] = [];
    const listened = fixture().connection;
    listened.whenBroken(() => log.push(`broken: ${listened.broken?.code}`));
    listened.closed();
    listened.closed();
    const unheard = fixture().connection;
    unheard.whenBroken(() => log.push('broken, unheard'));
    unheard.whenBroken(undefined);
    unheard.closed();
    expect(log).toEqual(['broken: CONNECTION_LOST']);
  });
});

describe('the memory that batches are written into', () => {
  it('is that of the last batch, and its bytes are written over', () => {
    const { connection } = fixture();
    const writer = connection.writer();
    const first = writer.parse('', 'select 1').finish();
    expect(connection.writer()).toBe(writer);
    const second = connection.writer().sync().finish();
    expect(second).toHaveLength(5);
    expect(first.subarray(0, 5)).toEqual(second);
  });

  it('is left alone while bytes of the last batch are held on the way', () => {
    const { channel, connection } = fixture();
    const writer = connection.writer();
    const held = writer.parse('', 'select 1').finish();
    const copy = Buffer.from(held);
    channel.flushed = false;
    expect(connection.writer()).not.toBe(writer);
    connection.writer().sync().finish();
    expect(held).toEqual(copy);
  });

  it('is not kept once a batch has made it large', () => {
    const { connection } = fixture();
    const writer = connection.writer();
    writer.parse('', `select '${'a'.repeat(100_000)}'`);
    expect(connection.writer()).not.toBe(writer);
  });
});

describe('the end of a connection', () => {
  it('is a farewell when nothing is under way', async () => {
    const { channel, connection, exchange } = fixture();
    let told = 0;
    connection.whenBroken(() => {
      told += 1;
    });
    connection.end();
    connection.end();
    connection.closed();
    expect(channel.log).toEqual(['end']);
    expect(told).toBe(0);
    await expect(exchange()).rejects.toMatchObject({ code: 'CONNECTION_LOST', outcome: 'not-applied' });
  });

  it('breaks an idle one, with the cause', () => {
    const { connection } = fixture();
    const cause = new Error('read ECONNRESET');
    connection.closed(cause);
    expect(connection.broken).toMatchObject({ code: 'CONNECTION_LOST', outcome: 'not-applied', cause });
  });

  it('tells the batch by what had come of its reply', async () => {
    const nothing = fixture();
    const lost = nothing.exchange({ access: 'write' });
    const cause = new Error('read ECONNRESET');
    nothing.connection.closed(cause);
    await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown', cause });

    const refusal = fixture();
    const refused = refusal.exchange();
    refusal.receive(backend.error({ code: '42501', message: 'permission denied for table trips' }));
    refusal.connection.closed();
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN', outcome: 'not-applied' });
  });

  it('gives the batch the error of whoever destroys it', async () => {
    const { channel, connection, exchange } = fixture();
    const batch = exchange();
    const error = connectionLost('write');
    connection.destroy(error);
    await expect(batch).rejects.toBe(error);
    expect(connection.broken).toBe(error);
    expect(channel.log).toEqual(['write batch', 'destroy']);
  });
});
