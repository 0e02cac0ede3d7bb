/**
 * How the endless server answers a batch. Answers are made for the batch that came, nonce included, so that each is wrong
 * in one thing only.
 *
 * The nonce is taken to be the first value of the first statement that has any, the check of a session's defaults aside; commands such as `reset all` get their
 * tag. A statement with its own copy as its last value gets
 * it back in a JSON document `[nonce, 1, [[…]], nonce]`, spaced as Postgres prints one.
 */
import type { Socket } from 'node:net';
import { DEFAULTS_CHECK } from '../../../src/modes/wire/session-defaults.ts';
import { type BatchStep, stepsOf } from './batch-steps.ts';
import type { TypedMessage } from './message-reader.ts';
import { backend, int16, int32, message, messageOfLength, text } from './protocol-messages.ts';

export interface Answering {
  readonly socket: Socket;
  /** The messages of the batch with its Sync, or one simple query. */
  readonly batch: readonly TypedMessage[];
  /** Writes the same bytes until the client hangs up. */
  readonly pour: (chunk: Buffer) => void;
}

export type EndlessBatch =
  | 'well-formed'
  | 'silent'
  | 'endless-rows'
  | 'endless-value'
  | 'endless-notices'
  | 'huge-length'
  | 'negative-length'
  | 'negative-column-count'
  | 'negative-value-length'
  | 'value-past-the-end'
  | 'field-count-without-fields'
  | 'garbage-codes'
  | 'garbage-bytes'
  | 'no-rows-before-complete'
  | 'rows-without-description'
  | 'too-few-columns'
  | 'two-ready'
  | 'ready-first'
  | 'missing-statement-reply'
  | 'extra-statement-reply'
  | 'ready-in-transaction'
  | 'ready-without-status'
  | 'bad-command-tag'
  | 'fatal-then-close'
  | 'fatal-after-complete'
  | 'close-without-a-word'
  | 'error-without-fields'
  | 'error-unterminated'
  | 'parameters-while-idle'
  | 'reply-while-idle'
  | 'row-while-idle'
  | 'error-while-idle'
  | 'wrong-nonce'
  | 'no-nonce'
  | 'null-nonce'
  | 'two-nonce-rows'
  | 'wrong-order'
  | 'copy-in'
  | 'copy-out'
  | 'authentication-again'
  | 'document-not-json'
  | 'document-of-wrong-shape'
  | 'document-with-wrong-nonce';

interface ReplyParts {
  readonly nonce?: string | null;
  readonly document?: (nonce: string) => string;
}

const asksForDefaults = ({ sql }: BatchStep): boolean => sql === DEFAULTS_CHECK;
const setUpOf = (steps: readonly BatchStep[]): number =>
  steps.findIndex((step) => step.values.length > 0 && !asksForDefaults(step));
const nonceOf = (steps: readonly BatchStep[]): string => steps[setUpOf(steps)]?.values[0] ?? '';
/** Texts of named statements, whose names are a hash of them. */
const textsByName = new Map<string, string>();

/** The tag of a statement that answers without rows. */
function commandTagOf({ sql, statement }: BatchStep): string | undefined {
  if (sql !== undefined && statement !== '') textsByName.set(statement, sql);
  const command = /^(?:reset|set|discard \w+)\b/i.exec(sql ?? textsByName.get(statement) ?? '')?.[0];
  return command?.toUpperCase();
}

const DATA_ROW = 0x44;
const COLUMN = backend.rowDescription([{ name: 'answer' }]);

/** The answer to one statement: what each of its messages asks for, and one row of one column. */
function stepReply(step: BatchStep, value: string | null): Buffer[] {
  const tag = commandTagOf(step);
  return step.messages.flatMap(({ code, body }) => {
    if (code === 'P') return [backend.parseComplete()];
    if (code === 'B') return [backend.bindComplete()];
    if (code === 'C') return [backend.closeComplete()];
    if (code === 'D') return body[0] === 0x53 ? [message('t', int16(0)), COLUMN] : [COLUMN];
    if (code === 'E' && tag !== undefined) return [backend.commandComplete(tag)];
    return code === 'E' ? [backend.dataRow([value]), backend.commandComplete('SELECT 1')] : [];
  });
}

/** The answers to all statements of the batch, one list each. */
function replies({ batch }: Answering, parts: ReplyParts = {}): Buffer[][] {
  const { steps } = stepsOf(batch);
  const nonce = nonceOf(steps);
  const document =
    parts.document ?? ((own: string) => `[${JSON.stringify(own)}, 1, [["a row"]], ${JSON.stringify(own)}]`);
  const setUp = setUpOf(steps);
  return steps.map((step, i) => {
    if (asksForDefaults(step)) return stepReply(step, 'other');
    if (i === setUp) return stepReply(step, parts.nonce === undefined ? nonce : parts.nonce);
    const asksForDocument = step.values.length > 0 && step.values.at(-1) === nonce;
    return stepReply(step, asksForDocument ? document(nonce) : 'a row');
  });
}

const ready = (status = 'I'): Buffer => backend.readyForQuery(status);
const whole = (answering: Answering, parts?: ReplyParts): Buffer =>
  Buffer.concat([...replies(answering, parts).flat(), ready()]);

/** What comes before the last row, where a wrong one can be put, and what comes behind its CommandComplete. */
function aroundLastRow(answering: Answering): { readonly before: Buffer; readonly behind: Buffer } {
  const all = replies(answering).flat();
  const at = all.findLastIndex((bytes) => bytes[0] === DATA_ROW);
  return { before: Buffer.concat(all.slice(0, at)), behind: Buffer.concat([...all.slice(at + 2), ready()]) };
}

function upToLastRow(answering: Answering): Buffer {
  return aroundLastRow(answering).before;
}

/** A last row of the given bytes in an otherwise right answer. */
function withLastRow(answering: Answering, row: Buffer): void {
  const { before, behind } = aroundLastRow(answering);
  answering.socket.write(Buffer.concat([before, row, backend.commandComplete('SELECT 1'), behind]));
}

/** The answers before the set-up's, its own, and those behind it. */
function aroundSetUp(answering: Answering): readonly [Buffer, readonly Buffer[], Buffer] {
  const at = setUpOf(stepsOf(answering.batch).steps);
  const all = replies(answering);
  return [Buffer.concat(all.slice(0, at).flat()), all[at] ?? [], Buffer.concat(all.slice(at + 1).flat())];
}

/** A right answer, and behind it, once the client had time to see it as such, something more. */
function thenWhileIdle(answering: Answering, more: Buffer): void {
  answering.socket.write(whole(answering), () => setImmediate(() => answering.socket.write(more)));
}

function send(make: (answering: Answering) => Buffer): (answering: Answering) => void {
  return (answering) => {
    answering.socket.write(make(answering));
  };
}

const manyRows = Buffer.concat(Array.from({ length: 1_000 }, () => backend.dataRow(['x'.repeat(100)])));
const manyNotices = Buffer.concat(
  Array.from({ length: 500 }, () => backend.notice({ code: '00000', message: 'for ever and ever' })),
);
const manyParameters = Buffer.concat(
  Array.from({ length: 10_000 }, (_, i) => backend.parameterStatus('TimeZone', `made/up_${i}`)),
);
const shutdown = backend.error({
  severity: 'FATAL',
  code: '57P01',
  message: 'terminating connection due to administrator command',
});

/** Answers one batch. Every name says what is wrong with the answer. */
export const ENDLESS_BATCHES: Readonly<Record<EndlessBatch, (answering: Answering) => void>> = {
  'well-formed': send((answering) => whole(answering)),
  silent: () => undefined,
  'endless-rows': (answering) => {
    answering.socket.write(upToLastRow(answering));
    answering.pour(manyRows);
  },
  'endless-value': (answering) => {
    const length = 0x3fffff00;
    answering.socket.write(upToLastRow(answering));
    answering.socket.write(messageOfLength('D', length, int16(1), int32(length - 10)));
    answering.pour(Buffer.alloc(65_536, 'x'));
  },
  'endless-notices': (answering) => answering.pour(manyNotices),
  'huge-length': (answering) => withLastRow(answering, messageOfLength('D', 0x7fffffff, int16(1), int32(1))),
  'negative-length': (answering) => withLastRow(answering, messageOfLength('D', -5, int16(1), int32(1))),
  'negative-column-count': (answering) => withLastRow(answering, message('D', int16(-7), int32(1))),
  'negative-value-length': (answering) =>
    withLastRow(answering, message('D', int16(1), int32(-2), Buffer.from('x'))),
  'value-past-the-end': (answering) =>
    withLastRow(answering, message('D', int16(1), int32(1_000_000), Buffer.from('x'))),
  'field-count-without-fields': send(() => Buffer.concat([message('T', int16(20_000)), ready()])),
  'garbage-codes': send((answering) =>
    Buffer.concat([upToLastRow(answering), message('!', Buffer.from('what?')), message('\u0000'), ready()]),
  ),
  'garbage-bytes': send(() => Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 131 + 89) % 256))),
  'no-rows-before-complete': send((answering) =>
    Buffer.concat([
      upToLastRow(answering),
      backend.commandComplete('SELECT 1'),
      aroundLastRow(answering).behind,
    ]),
  ),
  'rows-without-description': send((answering) =>
    Buffer.concat([
      ...replies(answering)
        .flat()
        .filter((bytes) => !bytes.equals(COLUMN)),
      ready(),
    ]),
  ),
  'too-few-columns': (answering) => withLastRow(answering, backend.dataRow([])),
  'two-ready': send((answering) => Buffer.concat([whole(answering), ready()])),
  'ready-first': send((answering) => Buffer.concat([ready(), whole(answering)])),
  'missing-statement-reply': send((answering) => {
    return Buffer.concat([...replies(answering).slice(0, -1).flat(), ready()]);
  }),
  'extra-statement-reply': send((answering) => {
    const all = replies(answering);
    return Buffer.concat([...all.flat(), ...(all.at(-1) ?? []), ready()]);
  }),
  'ready-in-transaction': send((answering) => Buffer.concat([...replies(answering).flat(), ready('T')])),
  'ready-without-status': send((answering) => Buffer.concat([...replies(answering).flat(), message('Z')])),
  'bad-command-tag': send((answering) =>
    Buffer.concat([
      upToLastRow(answering),
      backend.commandComplete('SELECT many'),
      aroundLastRow(answering).behind,
    ]),
  ),
  'fatal-then-close': ({ socket }) => socket.end(shutdown),
  'fatal-after-complete': (answering) =>
    answering.socket.end(Buffer.concat([...replies(answering).flat(), shutdown])),
  'close-without-a-word': ({ socket }) => socket.end(),
  'error-without-fields': send(() => Buffer.concat([message('E', Buffer.from([0])), ready()])),
  'error-unterminated': send(() => Buffer.concat([message('E', Buffer.from('SERROR')), ready()])),
  'parameters-while-idle': (answering) => thenWhileIdle(answering, manyParameters),
  'reply-while-idle': (answering) => thenWhileIdle(answering, whole(answering)),
  'row-while-idle': (answering) => thenWhileIdle(answering, backend.dataRow(['uninvited'])),
  'error-while-idle': (answering) =>
    thenWhileIdle(answering, backend.error({ code: 'XX000', message: 'uninvited' })),
  'wrong-nonce': send((answering) => whole(answering, { nonce: 'the nonce of somebody else' })),
  'no-nonce': send((answering) => {
    const [before, setUp, behind] = aroundSetUp(answering);
    return Buffer.concat([
      before,
      ...setUp.slice(0, -2),
      backend.commandComplete('SELECT 0'),
      behind,
      ready(),
    ]);
  }),
  'null-nonce': send((answering) => whole(answering, { nonce: null })),
  'two-nonce-rows': send((answering) => {
    const [before, setUp, behind] = aroundSetUp(answering);
    return Buffer.concat([before, ...setUp.slice(0, -1), ...setUp.slice(-2), behind, ready()]);
  }),
  'wrong-order': send((answering) => Buffer.concat([...replies(answering).reverse().flat(), ready()])),
  'copy-in': send((answering) =>
    Buffer.concat([upToLastRow(answering), message('G', Buffer.from([0]), int16(0))]),
  ),
  'copy-out': send((answering) =>
    Buffer.concat([
      upToLastRow(answering),
      message('H', Buffer.from([0]), int16(0)),
      message('d', text('uninvited')),
      message('c'),
      backend.commandComplete('COPY 1'),
      ready(),
    ]),
  ),
  'authentication-again': send((answering) =>
    Buffer.concat([backend.authenticationCleartext(), whole(answering)]),
  ),
  'document-not-json': send((answering) => whole(answering, { document: () => '[not json' })),
  'document-of-wrong-shape': send((answering) =>
    whole(answering, { document: (nonce) => `{"nonce":"${nonce}"}` }),
  ),
  'document-with-wrong-nonce': send((answering) =>
    whole(answering, { document: () => '["the nonce of somebody else", 1, [["a row"]]]' }),
  ),
};
