import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageReader } from './message-reader.ts';
import type { BackendMessage } from './messages.ts';

function message(code: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(code, 'latin1');
  header.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([header, body]);
}

function int(bytes: 2 | 4, value: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeIntBE(value, 0, bytes);
  return buffer;
}

function row(fields: readonly (string | null)[]): Buffer {
  const values = fields.flatMap((field) =>
    field === null ? [int(4, -1)] : [int(4, Buffer.byteLength(field)), Buffer.from(field)],
  );
  return message('D', Buffer.concat([int(2, fields.length), ...values]));
}

const text = (code: string, value: string) => message(code, Buffer.from(`${value}\0`));

function read(chunks: readonly Buffer[]) {
  const messages: BackendMessage[] = [];
  const lengths: number[] = [];
  const reader = new MessageReader({
    announce: (_, length) => void lengths.push(length),
    accept: (one) => void messages.push(one),
  });
  for (const chunk of chunks) {
    reader.push(chunk);
    // Whoever reads into one buffer again and again does this.
    chunk.fill(0xff);
  }
  return { messages, lengths };
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[chunks.length % sizes.length] ?? bytes.length;
    chunks.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return chunks;
}

describe('what a server sends', () => {
  it('reads the same wherever the chunks are cut, and keeps nothing of a chunk', () => {
    const values = fc.array(fc.option(fc.string({ unit: 'grapheme', maxLength: 300 })), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(values, { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 }),
        (rows, sizes) => {
          const bytes = Buffer.concat([...rows.map(row), text('C', `SELECT ${rows.length}`)]);
          const { messages, lengths } = read(cut(bytes, sizes));
          expect(messages).toEqual([
            ...rows.map((fields) => ({ name: 'dataRow', fields })),
            { name: 'commandComplete', text: `SELECT ${rows.length}` },
          ]);
          expect(lengths.reduce((sum, length) => sum + length + 1, 0)).toBe(bytes.length);
        },
      ),
    );
  });

  it('reads a message that is larger than any chunk', () => {
    const fields = ['a'.repeat(300_000), null, 'é'.repeat(50_000)];
    const { messages } = read(cut(Buffer.concat([row(fields), message('Z', Buffer.from('I'))]), [1, 65_536]));
    expect(messages).toEqual([
      { name: 'dataRow', fields },
      { name: 'readyForQuery', status: 'I' },
    ]);
  });

  it('reads descriptions and errors', () => {
    const column = Buffer.concat([Buffer.from('id\0'), int(4, 1), int(2, 2), int(4, 23), Buffer.alloc(8)]);
    const error = Buffer.from('SERROR\0C42501\0Mpermission denied\0ttrips\0\0');
    const { messages } = read([message('T', Buffer.concat([int(2, 1), column])), message('E', error)]);
    expect(messages).toMatchObject([
      { name: 'rowDescription', fields: [{ name: 'id', dataTypeID: 23 }] },
      { name: 'error', severity: 'ERROR', code: '42501', message: 'permission denied', table: 'trips' },
    ]);
  });

  it('reads the severity in English, where the server has it in its own language too', () => {
    const error = Buffer.from('SFEHLER\0VERROR\0C42501\0Mkeine Berechtigung\0\0');
    expect(read([message('E', error)]).messages).toMatchObject([{ name: 'error', severity: 'ERROR' }]);
  });

  it('passes over notices, parameters and notifications, whatever they say', () => {
    const notification = Buffer.concat([int(4, 7), Buffer.from('größe\0 🙂 é\0')]);
    const bytes = Buffer.concat([
      message('N', Buffer.from('SNOTICE\0Mé\0\0')),
      message('A', notification),
      message('S', Buffer.from('TimeZone\0UTC\0')),
      row(['é']),
    ]);
    for (const size of [1, 7, 1000]) {
      expect(read(cut(bytes, [size])).messages).toEqual([
        { name: 'notice' },
        { name: 'notification' },
        { name: 'parameterStatus' },
        { name: 'dataRow', fields: ['é'] },
      ]);
    }
  });

  it.each<[string, Buffer]>([
    [
      'a value past the end of its row',
      message('D', Buffer.concat([int(2, 1), int(4, 9), Buffer.from('x')])),
    ],
    ['a negative length', message('D', Buffer.concat([int(2, 1), int(4, -2), Buffer.from('x')]))],
    ['a row without its last column', message('D', Buffer.concat([int(2, 2), int(4, -1)]))],
    ['bytes behind the last column', message('D', Buffer.concat([int(2, 1), int(4, -1), Buffer.from('x')]))],
    ['a row of nothing', message('D', Buffer.alloc(1))],
    ['a text without an end', message('C', Buffer.from('SELECT 1'))],
    ['more behind a text', message('C', Buffer.from('SELECT 1\0SELECT 2\0'))],
    ['a description without its last column', message('T', int(2, 1))],
    ['bytes where there are none', message('2', Buffer.from('x'))],
    ['a status of two bytes', message('Z', Buffer.from('II'))],
    ['a message of an unknown kind', message('?', Buffer.alloc(3))],
    ['a login in the middle of a batch', message('R', int(4, 0))],
    ['a length that does not count itself', Buffer.from([0x5a, 0, 0, 0, 3, 0x49])],
    ['a length that does not count itself, of a notice', Buffer.from([0x4e, 0, 0, 0, 3, 0x49])],
  ])('refuses %s, however it is cut', (_, bytes) => {
    for (const size of [1, 5, 6, 1000]) {
      expect(() => read(cut(bytes, [size])), `in chunks of ${size}`).toThrow(
        expect.objectContaining({ name: 'MalformedMessage' }),
      );
    }
  });

  it('says how long a message will be before it is gathered', () => {
    const header = Buffer.from([0x44, 0xff, 0xff, 0xff, 0xff]);
    expect(read([header]).lengths).toEqual([0xffff_ffff]);
    expect(read(cut(header, [2])).lengths).toEqual([0xffff_ffff]);
  });
});
