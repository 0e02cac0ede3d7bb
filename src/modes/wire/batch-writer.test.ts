import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeServer } from '../../../test/support/fake-server.ts';
import { MessageReader, readParse } from '../../../test/support/network/message-reader.ts';
import type { Batch } from '../../contract/mode.ts';
import type { SendStyle } from './batch-out.ts';
import { writeBatch } from './batch-writer.ts';
import { WireConnection } from './wire-connection.ts';

const BATCH: Batch = {
  actor: { kind: 'user', role: 'authenticated', claims: '{}', expiresAt: undefined },
  access: 'write',
  statements: [
    {
      plan: {
        text: 'insert into notes',
        document: 'with made as (insert into notes) select …',
        name: 's_insert',
        intent: 'write',
        origin: 'compiled',
      },
      values: [],
    },
  ],
  statementTimeoutMs: 0,
};

/** The messages of a batch, and the names of the statements that it prepares. */
function written(style: SendStyle): { codes: string; names: string[] } {
  const connection = new WireConnection(new FakeServer(), new FakeClock(), 10);
  const options = {
    style,
    searchPath: 'public',
    nonce: 'nonce',
    statementTimeoutMs: 0,
    pooled: style !== 'named',
    led: false,
  };
  const messages = new MessageReader().push(Buffer.from(writeBatch(connection, BATCH, options).bytes));
  const parses = messages.filter(({ code }) => code === 'P');
  return {
    codes: messages.map(({ code }) => code).join(''),
    names: parses.map(({ body }) => readParse(body).name),
  };
}

describe('a batch', () => {
  it.each(['named', 'document', 'named-document'] as const)('has one Sync, at its end (%s)', (style) => {
    expect(written(style).codes).toMatch(/^[^S]+S$/);
  });

  it('of documents names none of its statements: a pooler may change the server behind it', () => {
    const { names } = written('document');
    expect(names.length).toBeGreaterThan(2);
    expect(new Set(names)).toEqual(new Set(['']));
  });

  it.each(['named', 'named-document'] as const)('names its reset, set-up and statement (%s)', (style) => {
    expect(new Set(written(style).names.filter((name) => name !== '')).size).toBeGreaterThanOrEqual(3);
  });
});
