import { describe, expect, it } from 'vitest';
import { connectionFixture, DONE, READY } from '../../../test/support/connection-fixture.ts';
import { backend } from '../../../test/support/network/protocol-messages.ts';
import { connectionLost } from '../../contract/failures.ts';

describe('a connection that breaks', () => {
  it('gives its batch the error, takes no other one and writes nothing more', async () => {
    const { channel, connection, exchange, receive } = connectionFixture();
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
    const { channel, connection, receive } = connectionFixture();
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
    const { clock, connection, exchange } = connectionFixture();
    void exchange();
    expect(clock.pending).toBe(1);
    connection.destroy(connectionLost('read'));
    expect(clock.pending).toBe(0);
  });
});

describe('a connection that a cancel is on its way to', () => {
  it('breaks when the batch was answered all the same, and the caller gets the answer', async () => {
    const { clock, channel, connection, exchange, receive } = connectionFixture();
    const batch = exchange();
    await clock.advance(600);
    receive(DONE, READY);
    expect(await batch).toMatchObject({ tag: 'UPDATE 1' });
    expect(connection.broken).toMatchObject({ code: 'CONNECTION_LOST', outcome: 'not-applied' });
    expect(channel.log).toEqual(['write batch', 'cancel', 'destroy']);
    expect(clock.pending).toBe(0);
  });

  it('breaks when the batch was cancelled', async () => {
    const { clock, channel, connection, exchange, receive } = connectionFixture();
    const batch = exchange();
    await clock.advance(600);
    receive(backend.error({ code: '57014', message: 'canceling statement due to user request' }), READY);
    await expect(batch).rejects.toMatchObject({ code: 'TIMEOUT', outcome: 'not-applied' });
    expect(connection.broken).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(channel.log).toEqual(['write batch', 'cancel', 'destroy']);
  });

  it('is destroyed a second after the cancel when nothing comes', async () => {
    const { clock, channel, connection, exchange } = connectionFixture();
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
    const { clock, channel, connection, exchange, receive } = connectionFixture({ cancellable: false });
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
    const { connection, exchange, receive } = connectionFixture();
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
      const { clock, connection, exchange, receive } = connectionFixture();
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
    const listened = connectionFixture().connection;
    listened.whenBroken(() => log.push(`broken: ${listened.broken?.code}`));
    listened.closed();
    listened.closed();
    const unheard = connectionFixture().connection;
    unheard.whenBroken(() => log.push('broken, unheard'));
    unheard.whenBroken(undefined);
    unheard.closed();
    expect(log).toEqual(['broken: CONNECTION_LOST']);
  });
});

describe('the memory that batches are written into', () => {
  it('is that of the last batch, and its bytes are written over', () => {
    const { connection } = connectionFixture();
    const writer = connection.writer();
    const first = writer.parse('', 'select 1').finish();
    expect(connection.writer()).toBe(writer);
    const second = connection.writer().sync().finish();
    expect(second).toHaveLength(5);
    expect(first.subarray(0, 5)).toEqual(second);
  });

  it('is left alone while bytes of the last batch are held on the way', () => {
    const { channel, connection } = connectionFixture();
    const writer = connection.writer();
    const held = writer.parse('', 'select 1').finish();
    const copy = Buffer.from(held);
    channel.flushed = false;
    expect(connection.writer()).not.toBe(writer);
    connection.writer().sync().finish();
    expect(held).toEqual(copy);
  });

  it('is not kept once a batch has made it large', () => {
    const { connection } = connectionFixture();
    const writer = connection.writer();
    writer.parse('', `select '${'a'.repeat(100_000)}'`);
    expect(connection.writer()).not.toBe(writer);
  });
});

describe('the end of a connection', () => {
  it('is a farewell when nothing is under way', async () => {
    const { channel, connection, exchange } = connectionFixture();
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
    const { connection } = connectionFixture();
    const cause = new Error('read ECONNRESET');
    connection.closed(cause);
    expect(connection.broken).toMatchObject({ code: 'CONNECTION_LOST', outcome: 'not-applied', cause });
  });

  it('tells the batch by what had come of its reply', async () => {
    const nothing = connectionFixture();
    const lost = nothing.exchange({ access: 'write' });
    const cause = new Error('read ECONNRESET');
    nothing.connection.closed(cause);
    await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown', cause });

    const refusal = connectionFixture();
    const refused = refusal.exchange();
    refusal.receive(backend.error({ code: '42501', message: 'permission denied for table trips' }));
    refusal.connection.closed();
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN', outcome: 'not-applied' });
  });

  it('gives the batch the error of whoever destroys it', async () => {
    const { channel, connection, exchange } = connectionFixture();
    const batch = exchange();
    const error = connectionLost('write');
    connection.destroy(error);
    await expect(batch).rejects.toBe(error);
    expect(connection.broken).toBe(error);
    expect(channel.log).toEqual(['write batch', 'destroy']);
  });
});
