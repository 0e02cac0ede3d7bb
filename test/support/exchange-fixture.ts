import type { CallTrace } from '../../src/contract/call-trace.ts';
import type { DatabaseError } from '../../src/contract/errors.ts';
import { Exchange } from '../../src/modes/wire/exchange.ts';
import type { BackendMessage } from '../../src/modes/wire/messages.ts';
import type { ReplyEnd } from '../../src/modes/wire/reply-machine.ts';
import type { Step } from '../../src/modes/wire/steps.ts';
import { FakeClock } from './fake-clock.ts';
import { serverMessage } from './server-message.ts';

export const NONCE = 'prefix.1';
export const SET_UP: Step = {
  kind: 'execute',
  parse: true,
  describe: false,
  answer: 'nonce',
  prepared: undefined,
};
export const COMMAND: Step = { ...SET_UP, answer: 'command' };

export const READY: BackendMessage = { name: 'readyForQuery', status: 'I' };
export const CONFIRMED: readonly BackendMessage[] = [
  { name: 'parseComplete' },
  { name: 'bindComplete' },
  { name: 'dataRow', fields: [NONCE] },
  { name: 'commandComplete', text: 'SELECT 1' },
];
export const DONE: readonly BackendMessage[] = [
  { name: 'parseComplete' },
  { name: 'bindComplete' },
  { name: 'commandComplete', text: 'UPDATE 1' },
];

export function failure(
  code: string,
  given: { readonly severity?: string; readonly message?: string } = {},
): BackendMessage {
  return { name: 'error', ...serverMessage({ code, message: 'message', ...given }) };
}

export const CANCELLED = failure('57014');

interface Given {
  readonly access?: 'read' | 'write';
  readonly signal?: AbortSignal;
  /** @defaultValue true */
  readonly cancellable?: boolean;
  readonly withoutNonce?: boolean;
  /** Each takes a tag; without a nonce. */
  readonly commands?: readonly string[];
  readonly mayCommit?: boolean;
  readonly trace?: CallTrace;
}

/** An exchange whose deadline is 500 ms away, and what happens to it, with the milliseconds since its start. */
export function beginExchange({
  access = 'read',
  signal,
  cancellable = true,
  commands = [],
  withoutNonce = commands.length > 0,
  mayCommit = false,
  trace,
}: Given = {}) {
  const clock = new FakeClock();
  const start = clock.now();
  const log: string[] = [];
  const note = (what: string): void => void log.push(`${what} at ${clock.now() - start}`);
  const limits = {
    deadline: start + 500,
    signal: undefined,
    maxRows: 10,
    maxBytes: 1000,
    ...(signal && { signal }),
    trace,
  };
  const tagged = commands.map(
    (tag): Step => ({
      kind: 'execute',
      parse: true,
      describe: false,
      answer: 'command',
      tag,
      prepared: undefined,
    }),
  );
  const steps = tagged.length > 0 ? tagged : withoutNonce ? [COMMAND] : [SET_UP, COMMAND];
  const exchange: Exchange = new Exchange(
    { bytes: Buffer.alloc(0), steps, nonce: NONCE, access, limits, withoutNonce, mayCommit },
    clock,
    {
      cancel: cancellable ? async () => note('cancel') : undefined,
      destroy: (error) => {
        note('destroy');
        exchange.fail(error);
      },
    },
  );
  const told: { end?: ReplyEnd; error?: DatabaseError } = {};
  exchange.promise.then(
    (end) => {
      told.end = end;
      note(`answer ${end.error?.code ?? end.tag}`);
    },
    (error: DatabaseError) => {
      told.error = error;
      note(`${error.code}, ${error.outcome},`);
    },
  );
  const receive = (...messages: readonly BackendMessage[]): void => {
    for (const message of messages) {
      const end = exchange.accept(message);
      if (end !== undefined) exchange.finish(end);
    }
  };
  return { clock, exchange, log, told, receive };
}
