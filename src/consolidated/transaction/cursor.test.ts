import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { Actor } from '../../contract/identity.ts';
import type { PinnedTransaction, StatementReply } from '../../contract/mode.ts';
import { Call } from '../call/call.ts';
import type { CallPlace, InsideTransaction } from '../call/call-place.ts';
import { held, type ReadyStatement } from '../call/ready-statement.ts';
import { readThroughCursor } from './cursor.ts';

const ACTOR: Actor = { kind: 'user', role: 'reader', claims: '{}', expiresAt: undefined };
const READY: ReadyStatement<unknown> = {
  kind: 'stream',
  statements: [
    {
      plan: { text: 'select id', document: '', name: 's_ids', intent: 'read', origin: 'compiled' },
      values: [],
    },
  ],
  settings: undefined,
  read: ([reply]) => {
    const rows = reply?.form === 'rows' ? reply.rows.map(([id]) => id) : [];
    return { value: rows, rows: rows.length };
  },
};

let sent: string[];
let replies: StatementReply[];
beforeEach(() => {
  sent = [];
  replies = [];
});

/** Reads two rows at a time through a transaction whose fetches are answered with these rows, or fail. */
function reading(answers: readonly (readonly string[] | Error)[], inside?: Partial<InsideTransaction>) {
  const left = [...answers];
  // Each cursor has a number of its own.
  const note = (text: string): void => void sent.push(text.replace(/cdb_cursor_\d+/, 'c'));
  const transaction: PinnedTransaction = {
    mode: 'direct',
    actAs: async () => undefined,
    run: async ([statement]) => {
      const text = statement?.plan.text ?? '';
      note(text);
      const answer = text.startsWith('declare') ? [] : (left.shift() ?? []);
      if (answer instanceof Error) throw answer;
      const reply: StatementReply = {
        form: 'rows',
        fields: [],
        rows: answer.map((id) => [id]),
        count: answer.length,
      };
      replies.push(reply);
      return [reply];
    },
    describe: async () => [],
    command: async (text) => note(text),
  };
  const place = { inside, catalogs: {} } as unknown as CallPlace;
  const call = new Call(
    'stream',
    place,
    { resolve: () => ACTOR },
    {},
    held(() => undefined),
    undefined,
  );
  call.actor = ACTOR;
  call.ready = READY;
  return readThroughCursor(transaction, call, 2, new FakeClock());
}

async function read(rows: AsyncIterable<readonly unknown[]>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const some of rows) all.push([...some]);
  return all;
}

const OPEN = { isOpen: true, assertOpen: () => undefined };

describe('a statement that is read through a cursor', () => {
  it('gives its rows some at a time, asks no further once there are fewer, and closes the cursor', async () => {
    expect(await read(reading([['1', '2'], ['3', '4'], ['5']]))).toEqual([['1', '2'], ['3', '4'], ['5']]);
    expect(sent).toEqual([
      'declare c no scroll cursor for select id',
      'fetch forward 2 from c',
      'fetch forward 2 from c',
      'fetch forward 2 from c',
      'close c',
    ]);
  });

  it('gives nothing where no row is left', async () => {
    expect(await read(reading([['1', '2'], []]))).toEqual([['1', '2']]);
  });

  it('closes the cursor when its reader leaves, in a transaction that goes on too', async () => {
    for (const inside of [undefined, OPEN]) {
      sent = [];
      for await (const _ of reading([['1', '2']], inside)) break;
      expect(sent.slice(2)).toEqual(['close c']);
    }
  });

  it("closes it after an error where the transaction is the caller's, and tells the error", async () => {
    const failure = new Error('division by zero');
    for (const [inside, further] of [
      [undefined, []],
      [OPEN, ['close c']],
    ] as const) {
      sent = [];
      await expect(read(reading([['1', '2'], failure], inside))).rejects.toBe(failure);
      expect(sent.slice(2)).toEqual(['fetch forward 2 from c', ...further]);
    }
  });

  it('does not ask for a cursor that its savepoint took along', async () => {
    const ended = new Error('ended');
    let isOpen = true;
    const inside = {
      get isOpen() {
        return isOpen;
      },
      assertOpen: () => {
        if (!isOpen) throw ended;
      },
    };
    const rows = reading([['1', '2'], ['3']], inside);
    await rows.next();
    isOpen = false;
    await expect(rows.next()).rejects.toBe(ended);
    expect(sent).toHaveLength(2);
    isOpen = true;
    sent = [];
    const left = reading([['1', '2'], ['3']], inside);
    await left.next();
    isOpen = false;
    await left.return();
    expect(sent).toHaveLength(2);
  });

  it('keeps no reply once its rows are handed on', async () => {
    for await (const _ of reading([['1', '2'], ['3']])) {
      expect(replies.map((reply) => reply.form === 'rows' && reply.rows.length)).toEqual(
        replies.map(() => 0),
      );
    }
    expect(replies).toHaveLength(3);
  });
});
