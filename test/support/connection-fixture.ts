import type { ExchangeRequest } from '../../src/modes/wire/exchange.ts';
import type { ExecuteStep } from '../../src/modes/wire/steps.ts';
import { type Channel, WireConnection } from '../../src/modes/wire/wire-connection.ts';
import { FakeClock } from './fake-clock.ts';
import { backend, messageOfLength } from './network/protocol-messages.ts';

export const MEGABYTE = 1 << 20;
export const COMMAND: ExecuteStep = {
  kind: 'execute',
  parse: true,
  describe: false,
  answer: 'command',
  prepared: undefined,
};
export const ROWS: ExecuteStep = { ...COMMAND, describe: true, answer: 'rows' };

export const READY = backend.readyForQuery('I');
export const DONE = Buffer.concat([
  backend.parseComplete(),
  backend.bindComplete(),
  backend.commandComplete('UPDATE 1'),
]);
/** Parameters, columns and all that comes before the rows of one column. */
export const BEFORE_ROWS = Buffer.concat([
  backend.parseComplete(),
  messageOfLength('t', 6, Buffer.from([0, 0])),
  backend.rowDescription([{ name: 'id' }]),
  backend.bindComplete(),
]);
export const NOTICE = backend.notice({ code: '00000', message: 'a'.repeat(1000) });

/** A fake: remembers what is done to it, and answers nothing. */
class FakeChannel implements Channel {
  flushed = true;
  readonly cancel: (() => Promise<void>) | undefined;
  readonly log: string[] = [];

  constructor(cancellable: boolean) {
    if (cancellable) this.cancel = async () => void this.log.push('cancel');
  }

  write(bytes: Buffer): void {
    this.log.push(`write ${bytes}`);
  }
  destroy(): void {
    this.log.push('destroy');
  }
  end(): void {
    this.log.push('end');
  }
}

/** A connection over a fake channel, with a clock in the hands of the test. */
export function connectionFixture({ cancellable = true, maxPrepared = 10 } = {}) {
  const clock = new FakeClock();
  const channel = new FakeChannel(cancellable);
  const connection = new WireConnection(channel, clock, maxPrepared);
  const request = (
    given: Partial<ExchangeRequest> & { readonly maxBytes?: number; readonly maxRows?: number },
  ): ExchangeRequest => {
    const { maxBytes = 10_000, maxRows = 10, ...rest } = given;
    const limits = { deadline: clock.now() + 500, signal: undefined, maxRows, maxBytes };
    return { bytes: Buffer.from('batch'), steps: [COMMAND], nonce: '', access: 'read', limits, ...rest };
  };
  /** The promise may be left alone: whoever wants its end awaits it. */
  const exchange = (given: Parameters<typeof request>[0] = {}) => {
    const promise = connection.exchange(request(given));
    promise.catch(() => undefined);
    return promise;
  };
  const receive = (...messages: readonly Buffer[]): void => connection.receive(Buffer.concat(messages));
  return { clock, channel, connection, exchange, receive };
}
