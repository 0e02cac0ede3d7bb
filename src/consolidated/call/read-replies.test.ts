import { describe, expect, it } from 'vitest';
import { DatabaseError, ServiceError, UnreadableDataError } from '../../contract/errors.ts';
import { replyMismatch } from '../../contract/failures.ts';
import type { StatementReply } from '../../contract/mode.ts';
import { Call } from './call.ts';
import type { CallPlace } from './call-place.ts';
import { readReplies } from './read-replies.ts';
import { type CallResult, held } from './ready-statement.ts';

const REPLY: StatementReply = { form: 'rows', fields: [], rows: [['1']], count: 1 };
const PLACE: CallPlace = {
  catalogs: {
    current: undefined,
    load: () => Promise.reject(new Error('No catalog.')),
    reloadForMissing: () => Promise.reject(new Error('No catalog.')),
    reloadForReply: () => Promise.reject(new Error('No catalog.')),
    reloadForLabel: () => Promise.reject(new Error('No catalog.')),
  },
  inside: undefined,
  admit: () => ({ deadline: 0, signal: undefined, maxRows: 0, maxBytes: 0 }),
};

function ready(read: () => CallResult | Promise<CallResult>): Call {
  const plan = { text: 'insert', document: '', name: 's', intent: 'write', origin: 'compiled' } as const;
  const statement = {
    kind: 'insert',
    statements: [{ plan, values: [] }],
    settings: undefined,
    read,
  } as const;
  const caller = { resolve: () => expect.fail('nobody asks') };
  const call = new Call(
    'insert',
    PLACE,
    caller,
    {},
    held(() => statement),
    undefined,
  );
  call.ready = statement;
  return call;
}

/** What is told of a reply whose reading throws, at once or later. */
async function told(access: 'read' | 'write', error: unknown, when: 'at once' | 'later'): Promise<unknown> {
  const read = (): Promise<CallResult> => {
    if (when === 'at once') throw error;
    return Promise.reject(error);
  };
  try {
    await readReplies(ready(read), [REPLY], access);
  } catch (thrown) {
    return thrown;
  }
  return expect.fail('it was read');
}

const tooLarge = new UnreadableDataError('The number is too large.', {
  code: 'NUMBER_TOO_LARGE',
  field: 'n',
  hint: 'Read it as a text.',
});

describe.each(['at once', 'later'] as const)('a reply that cannot be decoded, %s,', (when) => {
  it('to a write says that it was applied', async () => {
    const error = await told('write', tooLarge, when);
    expect(error).toBeInstanceOf(UnreadableDataError);
    expect(error).toMatchObject({
      outcome: 'applied',
      code: 'NUMBER_TOO_LARGE',
      field: 'n',
      hint: 'Read it as a text.',
      cause: tooLarge,
    });
  });

  it('to a write keeps what is known of a fault that is not of the caller', async () => {
    const error = await told('write', new ServiceError('No array.', { code: 'NO_ARRAY' }), when);
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ outcome: 'applied', code: 'NO_ARRAY' });
  });

  it('to a write says that it was applied whatever was thrown, and nothing of that', async () => {
    const unforeseen = new SyntaxError('Unexpected token, "the value" is not JSON');
    const error = await told('write', unforeseen, when);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({ outcome: 'applied', code: 'INTERNAL', cause: unforeseen });
    expect(String(error)).not.toContain('the value');
  });

  it('to a write stays unknown where the reply proves nothing', async () => {
    const foreign = replyMismatch('The nonce does not match.', 'write' as never);
    expect(await told('write', foreign, when)).toBe(foreign);
  });

  it('to a read is told as it is', async () => {
    expect(await told('read', tooLarge, when)).toBe(tooLarge);
  });
});

describe('replies that are fewer than the statements', () => {
  const read = () => ({ value: undefined, rows: 0 });

  it('leave a write unknown, and a read not applied', () => {
    expect(() => readReplies(ready(read), [], 'write')).toThrow(
      expect.objectContaining({ code: 'NO_REPLY', outcome: 'unknown' }),
    );
    expect(() => readReplies(ready(read), [], 'read')).toThrow(
      expect.objectContaining({ code: 'NO_REPLY', outcome: 'not-applied' }),
    );
  });

  it('are read when each statement has its own', () => {
    expect(readReplies(ready(read), [REPLY], 'write')).toEqual({ value: undefined, rows: 0 });
  });
});
