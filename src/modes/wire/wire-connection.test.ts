import { describe, expect, it } from 'vitest';
import {
  BEFORE_ROWS,
  COMMAND,
  connectionFixture,
  DONE,
  MEGABYTE,
  NOTICE,
  READY,
  ROWS,
} from '../../../test/support/connection-fixture.ts';
import { backend, messageOfLength } from '../../../test/support/network/protocol-messages.ts';

describe('a connection', () => {
  it('writes a batch and answers it at ReadyForQuery', async () => {
    const { channel, connection, exchange, receive } = connectionFixture();
    const batch = exchange();
    expect([connection.busy, channel.log]).toEqual([true, ['write batch']]);
    receive(DONE);
    expect(connection.busy).toBe(true);
    receive(READY);
    expect(connection.busy).toBe(false);
    expect(await batch).toMatchObject({ status: 'I', tag: 'UPDATE 1' });
  });

  it('carries one batch at a time', async () => {
    const { channel, exchange, receive } = connectionFixture();
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
    const { clock, connection, exchange, receive } = connectionFixture();
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
    const { connection, exchange, receive } = connectionFixture({ maxPrepared: 0 });
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
    const { connection, exchange, receive } = connectionFixture();
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
    const { channel, connection, exchange, receive } = connectionFixture();
    const batch = exchange({ access, steps: [ROWS], maxBytes: 200, maxRows: 1000 });
    receive(BEFORE_ROWS);
    for (let i = 0; i < 10; i++) receive(backend.dataRow(['a'.repeat(20)]));
    expect(connection.broken?.code).toBe('RESULT_TOO_LARGE');
    expect(channel.log).toEqual(['write batch', 'destroy']);
    await expect(batch).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE', outcome });
    await expect(batch).rejects.toThrow('more than 200 bytes');
  });

  it('takes a batch up to its cap, and counts each one by itself', async () => {
    const { connection, exchange, receive } = connectionFixture();
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
    const { channel, exchange, receive } = connectionFixture();
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
    const { channel, exchange, receive } = connectionFixture();
    const maxBytes = header[0] === 0x44 ? Number.MAX_SAFE_INTEGER : 1000;
    const batch = exchange({ steps: [ROWS], maxBytes, access: 'write' });
    receive(BEFORE_ROWS, header);
    expect(channel.log).toEqual(['write batch', 'destroy']);
    await expect(batch).rejects.toMatchObject({ code: 'REPLY_MISMATCH', outcome: 'unknown' });
  });

  it('ends a batch at its cap of rows', async () => {
    const { channel, exchange, receive } = connectionFixture();
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
    const { connection, receive } = connectionFixture();
    const notices = Math.floor(MEGABYTE / NOTICE.length);
    for (let i = 0; i < notices; i++) receive(NOTICE);
    expect(connection.broken).toBeUndefined();
    receive(NOTICE);
    expect(connection.broken).toMatchObject({ code: 'REPLY_MISMATCH' });
    expect(connection.broken?.message).toContain('too much data on an idle connection');
  });

  it('counts what comes while idle without what a batch was answered with', () => {
    const { connection, exchange, receive } = connectionFixture();
    void exchange({ steps: [ROWS], maxBytes: 2 * MEGABYTE });
    const row = backend.dataRow(['a'.repeat(MEGABYTE)]);
    receive(BEFORE_ROWS, row, backend.commandComplete('SELECT 1'), READY);
    receive(NOTICE);
    expect([connection.busy, connection.broken]).toEqual([false, undefined]);
  });

  it('counts what came while idle anew after each batch', () => {
    const { connection, exchange, receive } = connectionFixture();
    const notices = Math.floor(MEGABYTE / NOTICE.length);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < notices; i++) receive(NOTICE);
      void exchange();
      receive(DONE, READY);
    }
    expect(connection.broken).toBeUndefined();
  });

  it('refuses by its header what would flood it while idle', () => {
    const { connection, receive } = connectionFixture();
    receive(messageOfLength('N', MEGABYTE + 1));
    expect(connection.broken).toMatchObject({ code: 'REPLY_MISMATCH' });
  });
});

describe('a connection on which nothing is under way', () => {
  it('lets notices, notifications and parameter changes pass', async () => {
    const { connection, exchange, receive } = connectionFixture();
    receive(NOTICE, backend.notification(7, 'news', 'hello'), backend.parameterStatus('TimeZone', 'UTC'));
    expect(connection.broken).toBeUndefined();
    const batch = exchange();
    receive(DONE, READY);
    expect(await batch).toMatchObject({ tag: 'UPDATE 1' });
  });

  it('is lost when the server says goodbye', () => {
    const { channel, connection, receive } = connectionFixture();
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
    const { channel, connection, receive } = connectionFixture();
    receive(bytes);
    expect(connection.broken).toMatchObject({ code: 'REPLY_MISMATCH' });
    expect(channel.log).toEqual(['destroy']);
  });

  it('breaks at what follows the answer in one chunk, and the answer stands', async () => {
    const { connection, exchange, receive } = connectionFixture();
    const batch = exchange();
    receive(DONE, READY, DONE, READY);
    expect(await batch).toMatchObject({ tag: 'UPDATE 1' });
    expect(connection.broken).toMatchObject({ code: 'REPLY_MISMATCH' });
  });
});
