/**
 * Writes messages of the Postgres protocol 3.0, either side's, for the fakes of the tests.
 *
 * Written apart from the package and from its driver, so that a mistake there is not repeated here.
 */

/** A message of any code and body: the door for malformed ones too. */
export function message(code: string, ...parts: readonly Buffer[]): Buffer {
  return messageOfLength(code, 4 + parts.reduce((sum, part) => sum + part.length, 0), ...parts);
}

/** A message that claims a length (itself included, the code byte not), true or not. */
export function messageOfLength(code: string, length: number, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(code, 'latin1'), int32(length), ...parts]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Counts of the protocol are sixteen bits; Postgres reads most of them without a sign. */
export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  if (value < 0) bytes.writeInt16BE(value);
  else bytes.writeUInt16BE(value);
  return bytes;
}

/** A text with the zero byte that ends it. */
export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'utf8');
}

/** A value with its length before it; null is the length -1. */
export function sized(value: string | Buffer | null): Buffer {
  if (value === null) return int32(-1);
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([int32(bytes.length), bytes]);
}

export interface ErrorFields {
  /** @defaultValue 'ERROR' */
  readonly severity?: 'ERROR' | 'FATAL' | 'PANIC' | 'NOTICE' | 'WARNING';
  /** SQLSTATE, five characters. */
  readonly code: string;
  readonly message: string;
  /** The function of Postgres that raised it. */
  readonly routine?: string;
}

function errorBody({ severity = 'ERROR', code, message: words, routine }: ErrorFields): Buffer {
  return Buffer.concat([
    text(`S${severity}`),
    text(`V${severity}`),
    text(`C${code}`),
    text(`M${words}`),
    ...(routine === undefined ? [] : [text(`R${routine}`)]),
    Buffer.from([0]),
  ]);
}

/** What a server sends. */
export const backend = {
  authenticationOk: () => message('R', int32(0)),
  authenticationCleartext: () => message('R', int32(3)),
  authenticationSasl: (...mechanisms: readonly string[]) =>
    message('R', int32(10), ...mechanisms.map(text), Buffer.from([0])),
  authenticationSaslContinue: (words: string) => message('R', int32(11), Buffer.from(words)),
  authenticationSaslFinal: (words: string) => message('R', int32(12), Buffer.from(words)),
  parameterStatus: (name: string, value: string) => message('S', text(name), text(value)),
  backendKeyData: (processId: number, secretKey: number) => message('K', int32(processId), int32(secretKey)),
  readyForQuery: (status: string) => message('Z', Buffer.from(status, 'latin1')),
  parseComplete: () => message('1'),
  bindComplete: () => message('2'),
  closeComplete: () => message('3'),
  noData: () => message('n'),
  portalSuspended: () => message('s'),
  emptyQueryResponse: () => message('I'),
  /** Columns in text format; `type` is an OID, 25 for text. */
  rowDescription: (fields: readonly { readonly name: string; readonly type?: number }[]) =>
    message(
      'T',
      int16(fields.length),
      ...fields.map(({ name, type = 25 }) =>
        Buffer.concat([text(name), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]),
      ),
    ),
  dataRow: (values: readonly (string | Buffer | null)[]) =>
    message('D', int16(values.length), ...values.map(sized)),
  commandComplete: (tag: string) => message('C', text(tag)),
  error: (fields: ErrorFields) => message('E', errorBody(fields)),
  notice: (fields: ErrorFields) => message('N', errorBody({ severity: 'NOTICE', ...fields })),
  notification: (processId: number, channel: string, payload: string) =>
    message('A', int32(processId), text(channel), text(payload)),
};

export interface BindFields {
  readonly portal?: string;
  readonly statement?: string;
  readonly formats?: readonly number[];
  readonly values?: readonly (string | Buffer | null)[];
  readonly resultFormats?: readonly number[];
}

/** What a client sends. */
export const frontend = {
  startup: (parameters: Readonly<Record<string, string>>) => {
    const words = Object.entries(parameters).flatMap(([name, value]) => [text(name), text(value)]);
    return packet(196608, ...words, Buffer.from([0]));
  },
  sslRequest: () => packet(80877103),
  cancelRequest: (processId: number, secretKey: number) =>
    packet(80877102, int32(processId), int32(secretKey)),
  password: (password: string) => message('p', text(password)),
  saslInitialResponse: (mechanism: string, words: string) => message('p', text(mechanism), sized(words)),
  saslResponse: (words: string) => message('p', Buffer.from(words)),
  query: (sql: string) => message('Q', text(sql)),
  parse: (sql: string, { name = '', types = [] }: { name?: string; types?: readonly number[] } = {}) =>
    message('P', text(name), text(sql), int16(types.length), ...types.map(int32)),
  bind: ({ portal = '', statement = '', formats = [], values = [], resultFormats = [] }: BindFields = {}) =>
    message(
      'B',
      text(portal),
      text(statement),
      int16(formats.length),
      ...formats.map(int16),
      int16(values.length),
      ...values.map(sized),
      int16(resultFormats.length),
      ...resultFormats.map(int16),
    ),
  describePortal: (portal = '') => message('D', Buffer.from('P'), text(portal)),
  execute: (portal = '', rows = 0) => message('E', text(portal), int32(rows)),
  sync: () => message('S'),
  flush: () => message('H'),
  terminate: () => message('X'),
};

function packet(code: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([int32(code), ...parts]);
  return Buffer.concat([int32(body.length + 4), body]);
}
