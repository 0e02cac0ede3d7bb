import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import {
  FrontendReader,
  MalformedBytesError,
  MessageReader,
  readBind,
  readErrorFields,
  readParse,
} from './message-reader.ts';
import { backend, frontend, messageOfLength } from './protocol-messages.ts';
import { lettersOf } from './raw-client.ts';
import { ScriptedServer } from './scripted-server.ts';

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

describe('messages', () => {
  it('come out whole however they were cut', () => {
    const bytes = Buffer.concat([
      backend.parseComplete(),
      backend.dataRow(['ä', null]),
      backend.readyForQuery('I'),
    ]);
    const reader = new MessageReader();
    const messages = [...bytes].flatMap((byte) => reader.push(Buffer.from([byte])));
    expect(lettersOf(messages)).toBe('1DZ');
    expect(Buffer.concat(messages.map((got) => got.bytes))).toEqual(bytes);
    expect(reader.pendingBytes).toBe(0);
  });

  it('are refused with a length that no message has', () => {
    for (const length of [-1, 3, 0x7fffffff]) {
      expect(() => new MessageReader().push(messageOfLength('D', length))).toThrow(MalformedBytesError);
    }
  });

  it('say what was parsed and bound', () => {
    const [parse, bind] = new MessageReader().push(
      Buffer.concat([
        frontend.parse('select $1', { name: 's1', types: [25] }),
        frontend.bind({ statement: 's1', values: ['é', null, ''], resultFormats: [1] }),
      ]),
    );
    expect(readParse(parse!.body)).toEqual({ name: 's1', sql: 'select $1', types: [25] });
    expect(readBind(bind!.body)).toEqual({
      portal: '',
      statement: 's1',
      formats: [],
      values: [Buffer.from('é'), null, Buffer.alloc(0)],
      resultFormats: [1],
    });
  });

  it('carry the fields of an error', () => {
    const [error] = new MessageReader().push(
      backend.error({ severity: 'FATAL', code: '57P01', message: 'over' }),
    );
    expect(Object.fromEntries(readErrorFields(error!.body))).toEqual({
      S: 'FATAL',
      V: 'FATAL',
      C: '57P01',
      M: 'over',
    });
  });

  it('follow startup packets', () => {
    const reader = new FrontendReader();
    const bytes = Buffer.concat([
      frontend.sslRequest(),
      frontend.startup({ user: 'ann', database: 'db' }),
      frontend.query('select 1'),
    ]);
    const first = reader.push(bytes.subarray(0, 20));
    const second = reader.push(bytes.subarray(20));
    expect(first.packets).toEqual([{ kind: 'ssl-request' }]);
    expect(second.packets).toEqual([
      {
        kind: 'startup',
        parameters: new Map([
          ['user', 'ann'],
          ['database', 'db'],
        ]),
      },
    ]);
    expect(lettersOf(second.messages)).toBe('Q');
  });

  it('are understood by the driver, and understand it', async () => {
    const server = new ScriptedServer({ password: 'secret' });
    cleanUps.push(() => server.stop());
    const client = new pg.Client({
      ...(await server.start()),
      user: 'ann',
      database: 'db',
      password: 'secret',
    });
    await client.connect();
    cleanUps.push(() => client.end());
    expect((await client.query({ text: 'echo', values: ['x'], rowMode: 'array' })).rows).toEqual([['x']]);
    await expect(client.query('fail')).rejects.toMatchObject({ code: '22012' });
    await expect(client.query({ text: 'fail', values: ['x'] })).rejects.toMatchObject({ code: '22012' });
    expect((await client.query('whoami')).rows).toEqual([{ answer_0: '1' }]);
  });
});
