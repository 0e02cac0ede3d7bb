import { describe, expect, it } from 'vitest';
import { serverMessage } from '../../../test/support/server-message.ts';
import type { BackendMessage } from './messages.ts';
import { ProtocolViolation, ReplyMachine, ResultTooLarge } from './reply-machine.ts';
import type { Step } from './steps.ts';

type ExecuteStep = Extract<Step, { readonly kind: 'execute' }>;

const NONCE = 'prefix.1';
const setUp: ExecuteStep = {
  kind: 'execute',
  parse: true,
  describe: false,
  answer: 'nonce',
  prepared: undefined,
};
const document: ExecuteStep = {
  kind: 'execute',
  parse: true,
  describe: false,
  answer: 'document',
  prepared: undefined,
};
const rows: ExecuteStep = {
  kind: 'execute',
  parse: true,
  describe: true,
  answer: 'rows',
  prepared: undefined,
};

const simple = (name: 'parseComplete' | 'bindComplete' | 'closeComplete' | 'noData'): BackendMessage => ({
  name,
});
const row = (...fields: (string | null)[]): BackendMessage => ({ name: 'dataRow', fields });
const complete = (text: string): BackendMessage => ({ name: 'commandComplete', text });
const ready = (status = 'I'): BackendMessage => ({ name: 'readyForQuery', status });
const error = (code: string, severity: string | undefined = 'ERROR'): BackendMessage => ({
  name: 'error',
  ...serverMessage({ code, severity, message: 'message' }),
});

const confirmed = [simple('parseComplete'), simple('bindComplete'), row(NONCE), complete('SELECT 1')];
const documentReply = [
  simple('parseComplete'),
  simple('bindComplete'),
  row(`["${NONCE}", 1, [[1]], "${NONCE}"]`),
  complete('SELECT 1'),
];

function play(steps: readonly Step[], messages: readonly BackendMessage[], maxRows = 10) {
  const machine = new ReplyMachine(steps, NONCE, maxRows);
  let end: ReturnType<ReplyMachine['accept']>;
  for (const message of messages) end = machine.accept(message);
  return end;
}

const described = (): readonly BackendMessage[] => [
  simple('parseComplete'),
  { name: 'parameterDescription' },
  { name: 'rowDescription', fields: [] },
  simple('bindComplete'),
];

describe('the state machine of a reply', () => {
  it('answers at ReadyForQuery when every message came in its place', () => {
    const end = play([setUp, document], [...confirmed, ...documentReply, ready()]);
    expect(end).toMatchObject({ status: 'I', confirmed: true, error: undefined });
    expect(end?.replies).toEqual([{ form: 'document', text: `["${NONCE}", 1, [[1]], "${NONCE}"]` }]);
  });

  describe('of a statement that was described as one without a result', () => {
    const without = [
      simple('parseComplete'),
      { name: 'parameterDescription' },
      simple('noData'),
      simple('bindComplete'),
    ] as const;

    it('takes the number of rows that it made elsewhere', () => {
      const end = play([rows], [...without, complete('SELECT 3'), ready()]);
      expect(end?.replies).toEqual([{ form: 'rows', fields: [], rows: [], count: 3 }]);
    });

    it.each([
      ['a row', [...without, row()]],
      [
        'another statement that was described with one',
        [...without, complete('SELECT 3'), ...described(), complete('SELECT 3')],
      ],
    ])('takes no %s for it', (_what, messages) => {
      expect(() => play([rows, rows], messages)).toThrow(ProtocolViolation);
    });
  });

  it('lets notices, notifications and parameter changes pass anywhere', () => {
    const noise: BackendMessage[] = [
      { name: 'notice' },
      { name: 'notification' },
      { name: 'parameterStatus' },
    ];
    const messages = [...confirmed, ...documentReply, ready()].flatMap((message) => [...noise, message]);
    expect(play([setUp, document], messages)?.confirmed).toBe(true);
  });

  it('gives a document the columns that were described ahead of it, and no other', () => {
    const fields = [{ name: 'n', dataTypeID: 20 }];
    const ahead: BackendMessage[] = [
      simple('parseComplete'),
      { name: 'parameterDescription' },
      { name: 'rowDescription', fields },
    ];
    const steps: Step[] = [setUp, { kind: 'describe', ahead: true }, document, document];
    const end = play(steps, [...confirmed, ...ahead, ...documentReply, ...documentReply, ready()]);
    const [first, second] = end?.replies ?? [];
    expect(first).toMatchObject({ form: 'document', fields: [{ name: 'n', type: 20 }] });
    expect(second).not.toHaveProperty('fields');
  });

  it('refuses any message that is left out', () => {
    const whole = [...confirmed, ...documentReply, ready()];
    for (let i = 0; i < whole.length - 1; i++) {
      const cut = whole.filter((_, at) => at !== i);
      expect(() => play([setUp, document], cut), `without message ${i}`).toThrow(ProtocolViolation);
    }
  });

  it('refuses any message that comes twice', () => {
    const whole = [...confirmed, ...documentReply, ready()];
    for (let i = 0; i < whole.length - 1; i++) {
      const doubled = whole.flatMap((message, at) => (at === i ? [message, message] : [message]));
      expect(() => play([setUp, document], doubled), `message ${i} twice`).toThrow(ProtocolViolation);
    }
  });

  it("refuses another batch's nonce, in the set-up and in a document", () => {
    expect(() => play([setUp], [simple('parseComplete'), simple('bindComplete'), row('prefix.2')])).toThrow(
      /nonce/,
    );
    expect(() =>
      play(
        [setUp, document],
        [
          ...confirmed,
          simple('parseComplete'),
          simple('bindComplete'),
          row('["prefix.2", 0, null, "prefix.2"]'),
        ],
      ),
    ).toThrow(/nonce/);
    // The beginning of ours, and behind it the end of another's.
    expect(() =>
      play(
        [setUp, document],
        [
          ...confirmed,
          simple('parseComplete'),
          simple('bindComplete'),
          row(`["${NONCE}", [["theirs"]], "prefix.2"]`),
        ],
      ),
    ).toThrow(/nonce/);
    // A longer nonce that starts with ours is another batch's.
    expect(() =>
      play(
        [setUp, document],
        [
          ...confirmed,
          simple('parseComplete'),
          simple('bindComplete'),
          row(`["${NONCE}1", [], "${NONCE}1"]`),
        ],
      ),
    ).toThrow(/nonce/);
  });

  it("refuses the beginning of another batch's document in front of the end of ours", () => {
    const foreign = row(`["prefix.2", 1, [["theirs"]], "${NONCE}"]`);
    const before = [...confirmed, simple('parseComplete'), simple('bindComplete')];
    expect(() => play([setUp, document], [...before, foreign])).toThrow(/nonce/);
  });

  it('refuses rows where the command has none, and rows of another width', () => {
    const described: BackendMessage[] = [
      { name: 'parameterDescription' },
      { name: 'rowDescription', fields: [{ name: 'id', dataTypeID: 23 }] },
    ];
    const start = [...confirmed, simple('parseComplete'), ...described, simple('bindComplete')];
    expect(
      play([setUp, rows], [...start, row('1'), complete('SELECT 1'), ready()])?.replies[0],
    ).toMatchObject({
      rows: [['1']],
      count: 1,
    });
    expect(() => play([setUp, rows], [...start, row('1', '2')])).toThrow(/number of columns/);
  });

  it('refuses rows of a statement that was described as one without', () => {
    const described: BackendMessage[] = [{ name: 'parameterDescription' }, simple('noData')];
    const before = [...confirmed, simple('parseComplete'), ...described, simple('bindComplete')];
    expect(play([setUp, rows], [...before, complete('SELECT 3'), ready()])?.replies[0]).toMatchObject({
      rows: [],
      count: 3,
    });
    expect(() => play([setUp, rows], [...before, row()])).toThrow(ProtocolViolation);
  });

  it('refuses a row of a command, but for the empty one of a function that answers with none', () => {
    const before = [simple('parseComplete'), simple('bindComplete')];
    const release: Step = { ...setUp, answer: 'command', tag: 'RELEASE' };
    expect(() => play([release], [...before, row('')])).toThrow(ProtocolViolation);
    const unlock: Step = { ...release, tag: 'SELECT 1' };
    expect(play([unlock], [...before, row(''), complete('SELECT 1'), ready()])?.status).toBe('I');
    expect(() => play([unlock], [...before, row('theirs')])).toThrow(ProtocolViolation);
  });

  it('refuses the answer to another command', () => {
    const commit: Step = { ...setUp, answer: 'command', tag: 'COMMIT' };
    const before = [simple('parseComplete'), simple('bindComplete')];
    for (const tag of ['COMMIT', 'ROLLBACK']) {
      expect(play([commit], [...before, complete(tag), ready()])?.tag).toBe(tag);
    }
    for (const tag of ['SAVEPOINT', 'SELECT 1', 'BEGIN']) {
      expect(() => play([commit], [...before, complete(tag)]), tag).toThrow(ProtocolViolation);
    }
    const release: Step = { ...commit, tag: 'RELEASE' };
    expect(() => play([release], [...before, complete('ROLLBACK')])).toThrow(ProtocolViolation);
  });

  it('stops at the cap of rows', () => {
    const start = [
      ...confirmed,
      simple('parseComplete'),
      { name: 'parameterDescription' },
      { name: 'rowDescription', fields: [{ name: 'id', dataTypeID: 23 }] },
      simple('bindComplete'),
    ] as BackendMessage[];
    expect(() => play([setUp, rows], [...start, row('1'), row('2'), row('3')], 2)).toThrow(ResultTooLarge);
  });

  it('keeps the first error and waits for ReadyForQuery', () => {
    const end = play([setUp, document], [...confirmed, error('42P01'), ready()]);
    expect(end).toMatchObject({ confirmed: true, error: { code: '42P01' }, replies: [] });
  });

  it('knows that an error came before the set-up was confirmed', () => {
    expect(play([setUp, document], [simple('parseComplete'), error('42501'), ready()])?.confirmed).toBe(
      false,
    );
  });

  it('takes the error of a deferred constraint after the last CommandComplete', () => {
    const end = play([setUp, document], [...confirmed, ...documentReply, error('23503'), ready()]);
    expect(end?.error?.code).toBe('23503');
  });

  it('refuses anything but ReadyForQuery after an error', () => {
    expect(() => play([setUp, document], [error('42501'), row(NONCE)])).toThrow(ProtocolViolation);
    expect(() => play([setUp, document], [error('42501'), error('42501')])).toThrow(/second error/);
    // What would be due if there had been no error.
    const due = simple('parseComplete');
    expect(() => play([setUp, document], [error('42501'), due])).toThrow(ProtocolViolation);
    expect(() => play([setUp, document], [...confirmed, error('42501'), due])).toThrow(ProtocolViolation);
  });

  it('takes an error without severity for what it is: an unknown message', () => {
    expect(() =>
      play(
        [setUp],
        [error('', undefined)].map((message) => ({ ...message, severity: undefined }) as BackendMessage),
      ),
    ).toThrow(/unknown message/);
  });

  it('refuses a tag that counts other rows than came, and a status that is none', () => {
    const start = [
      ...confirmed,
      simple('parseComplete'),
      { name: 'parameterDescription' },
      { name: 'rowDescription', fields: [{ name: 'id', dataTypeID: 23 }] },
      simple('bindComplete'),
    ] as BackendMessage[];
    expect(() => play([setUp, rows], [...start, row('1'), complete('SELECT 2')])).toThrow(
      /does not match the rows received/,
    );
    expect(() => play([setUp, rows], [...start, complete('SELECT many')])).toThrow(
      /does not match the rows received/,
    );
    for (const status of ['', 'X', 'i']) {
      expect(() => play([setUp], [...confirmed, ready(status)])).toThrow(/without a transaction status/);
    }
  });

  it('refuses copy, suspended portals and authentication in the middle of a batch', () => {
    for (const name of ['copyInResponse', 'portalSuspended', 'authenticationOk', 'backendKeyData'] as const) {
      expect(() => play([setUp], [{ name } as BackendMessage]), name).toThrow(ProtocolViolation);
    }
  });
});
