import { describe, expect, it } from 'vitest';
import { emptyCatalog } from '../../test/support/empty-catalog.ts';
import type { CallEvent } from '../contract/call-event.ts';
import { OverloadedError, ServiceError, ValidationError } from '../contract/errors.ts';
import type { Actor } from '../contract/identity.ts';
import type { CallLimits, ConnectionMode, PinnedTransaction, StatementReply } from '../contract/mode.ts';
import { Call, type Layer } from './call/call.ts';
import type { CallPlace } from './call/call-place.ts';
import { held, type ReadyStatement } from './call/ready-statement.ts';
import type { Gate } from './call/router.ts';
import type { Catalog } from './catalog/model.ts';
import { parseOptions } from './options/parse-options.ts';
import { composePipeline } from './pipeline.ts';
import { Handover } from './transaction/handover.ts';
import { OpenTransactions } from './transaction/open-transactions.ts';
import { drink, type StreamTask } from './transaction/stream.ts';

const ACTOR: Actor = { kind: 'anonymous', role: 'anon', claims: '{}', expiresAt: undefined };
const LIMITS: CallLimits = {
  deadline: Number.MAX_SAFE_INTEGER,
  signal: undefined,
  maxRows: 100,
  maxBytes: 1_000,
};
/** A statement whose text and answer tell which catalog it was compiled with. */
function compiledWith({ epoch }: Catalog): ReadyStatement<string> {
  return {
    kind: 'select',
    statements: [
      {
        plan: {
          text: `select ${epoch}`,
          document: 'd',
          name: `s_${epoch}`,
          intent: 'read',
          origin: 'compiled',
        },
        values: [],
      },
    ],
    settings: undefined,
    read: ([reply]) => ({ value: `epoch ${epoch}`, rows: reply?.form === 'rows' ? reply.count : 0 }),
  };
}

const ROWS: StatementReply = { form: 'rows', fields: [], rows: [['1'], ['2']], count: 2 };

/** A fake mode: answers by the functions that it is given, and keeps what was sent. */
class FakeMode implements ConnectionMode {
  readonly name = 'direct';
  readonly capabilities = { pinned: true, parallel: true, cancel: true };
  readonly sent: string[] = [];
  readonly #answer: (attempt: number) => Promise<readonly StatementReply[]>;

  constructor(answer: (attempt: number) => Promise<readonly StatementReply[]> = async () => [ROWS]) {
    this.#answer = answer;
  }

  run({ statements }: Parameters<ConnectionMode['run']>[0]): Promise<readonly StatementReply[]> {
    this.sent.push(...statements.map(({ plan }) => plan.text));
    return this.#answer(this.sent.length);
  }

  withTransaction<T>(
    _begin: unknown,
    _limits: unknown,
    use: (transaction: PinnedTransaction) => Promise<T>,
  ): Promise<T> {
    return use({
      mode: 'direct',
      run: async (statements) => {
        this.sent.push(...statements.map(({ plan }) => plan.text.split(' ')[0] ?? ''));
        return [ROWS];
      },
      describe: async () => [],
      actAs: async () => undefined,
      command: async (text) => {
        this.sent.push(text.split(' ')[0] ?? '');
      },
    });
  }

  describe(): Promise<never[]> {
    return Promise.resolve([]);
  }

  onOneConnection(): never {
    throw new Error('Nobody asks a fake.');
  }

  readonly isFull = false;
  readonly expectedMs = 0;
  readonly restMs = 0;

  dropIdle(): void {}

  hasRoom(): boolean {
    return true;
  }

  stats(): never {
    throw new Error('Nobody asks a fake.');
  }

  async close(): Promise<void> {}
}

interface Extra {
  readonly mode?: FakeMode;
  readonly gate?: Gate;
  readonly recall?: (next: Layer) => Layer;
  readonly onCall?: (event: CallEvent) => void;
  /** The check of the login. */
  readonly check?: () => Promise<void>;
}

/** The pipeline over a fake mode, and a place in which the catalog grows with each reload. */
function composed({ mode = new FakeMode(), gate, recall, onCall, check }: Extra = {}) {
  let current = emptyCatalog(1);
  const catalogs = {
    get current() {
      return current;
    },
    load: () => Promise.resolve(current),
    read: () => Promise.resolve(current),
    reloadForReply: () => Promise.resolve(current),
    reloadForLabel: () => Promise.resolve(current),
    reloadForMissing: async () => {
      current = emptyCatalog(current.epoch + 1);
      return current;
    },
  };
  const place: CallPlace = { catalogs, inside: undefined, admit: () => LIMITS };
  const ways = composePipeline({
    config: parseOptions({ embedded: true }),
    connections: {
      choose: () => mode,
      relieve: () => mode,
      elsewhere: () => undefined,
      check: () => check?.(),
    },
    catalogs,
    listener: { listen: () => Promise.reject(new Error('Nobody listens.')) },
    open: new OpenTransactions(),
    tellCall: onCall,
    gate,
    recall,
  });
  const caller = { resolve: () => ACTOR };
  const call = () => new Call('select', place, caller, {}, held(compiledWith), undefined);
  return { ways, mode, place, caller, call };
}

const outdated = () =>
  Promise.reject(
    new ValidationError('There is no such column.', { code: 'INVALID_STATEMENT', sqlState: '42703' }),
  );

describe('the way of a call', () => {
  it('sends one batch and tells of it', async () => {
    const events: CallEvent[] = [];
    const { ways, call, mode } = composed({ onCall: (event) => events.push(event) });
    expect(await ways.run(call())).toBe('epoch 1');
    expect(mode.sent).toEqual(['select 1']);
    expect(events).toMatchObject([{ kind: 'select', mode: 'direct', role: 'anon', rows: 2 }]);
    expect(events[0]?.errorCode).toBeUndefined();
  });

  it('counts the check of a login as connecting, also where it refuses', async () => {
    const events: CallEvent[] = [];
    const onCall = (event: CallEvent) => events.push(event);
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
    await composed({ onCall, check: turn }).ways.run(composed().call());
    const refused = composed({
      onCall,
      check: () => turn().then(() => Promise.reject(new ServiceError('No.', { code: 'REFUSED' }))),
    });
    await expect(refused.ways.run(refused.call())).rejects.toMatchObject({ code: 'REFUSED' });
    expect(events.map(({ attempts, errorCode }) => [attempts, errorCode])).toEqual([
      [1, undefined],
      [1, 'REFUSED'],
    ]);
    for (const { connectMs } of events) expect(connectMs).toBeGreaterThan(0);
  });

  it('takes no time where nobody is told of it', async () => {
    const { ways, call } = composed();
    const own = call();
    await ways.run(own);
    expect([own.trace, own.limits]).toEqual([undefined, LIMITS]);
    expect(own.limits).toBe(LIMITS);
  });

  it('has a place for a cache, whose hit answers at once and touches nothing below it', async () => {
    const entered: string[] = [];
    const gate: Gate = { enter: () => entered.push('enter'), leave: () => entered.push('leave') };
    const events: CallEvent[] = [];
    const recall = () => () => ({ value: 'kept', rows: 7 });
    const { ways, call, mode } = composed({ gate, recall, onCall: (event) => events.push(event) });
    expect(await ways.run(call())).toBe('kept');
    expect([mode.sent, entered]).toEqual([[], []]);
    expect(events).toMatchObject([{ rows: 7, mode: undefined }]);
  });

  it('rejects what a layer throws at once', async () => {
    const { ways, call } = composed({
      recall: () => () => {
        throw new ServiceError('The cache is broken.', { code: 'BROKEN' });
      },
    });
    const answer = ways.run(call());
    await expect(answer).rejects.toMatchObject({ code: 'BROKEN' });
  });

  describe('tells an error that nobody foresaw', () => {
    const SECRET = 'nobody-shall-read-this';
    const broken = () => {
      throw new TypeError(SECRET);
    };
    const refused = async (answer: Promise<unknown>) => {
      const error = await answer.catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'INTERNAL', outcome: 'not-applied' });
      expect(JSON.stringify([error, (error as Error).message])).not.toContain(SECRET);
    };

    it('of a layer as one of this package', async () => {
      const { ways, call } = composed({ recall: () => broken });
      await refused(ways.run(call()));
    });

    it('of a transaction as one of this package, but what its work throws as it is', async () => {
      const { ways, place, caller, mode } = composed();
      const own = new TypeError(SECRET);
      const begun = (work: () => Promise<unknown>) =>
        ways.transaction(
          new Call(
            'transaction',
            place,
            caller,
            {},
            held(() => undefined),
            { options: {}, work },
          ),
        );
      await expect(begun(() => Promise.reject(own))).rejects.toBe(own);
      mode.withTransaction = broken;
      await refused(begun(() => Promise.resolve()));
    });
  });

  it('has a gate before the mode: entered and left around each attempt, with its failure', async () => {
    const passed: string[] = [];
    const gate: Gate = {
      enter: (_call, mode) => passed.push(`enter ${mode.name}`),
      leave: (_call, _mode, error) =>
        passed.push(`leave ${error instanceof ValidationError ? error.code : 'well'}`),
    };
    const mode = new FakeMode((attempt) => (attempt === 1 ? outdated() : Promise.resolve([ROWS])));
    const { ways, call } = composed({ gate, mode });
    expect(await ways.run(call())).toBe('epoch 2');
    expect(passed).toEqual(['enter direct', 'leave INVALID_STATEMENT', 'enter direct', 'leave well']);
  });

  it('sends nothing past a gate that refuses, and does not leave it', async () => {
    let left = 0;
    const gate: Gate = {
      enter: () => {
        throw new OverloadedError('Too many.');
      },
      leave: () => {
        left += 1;
      },
    };
    const { ways, call, mode } = composed({ gate });
    await expect(ways.run(call())).rejects.toThrow(OverloadedError);
    expect([mode.sent, left]).toEqual([[], 0]);
  });

  it('lets a cache see that the statement was compiled anew, so that nothing is kept under the old one', async () => {
    const kept: boolean[] = [];
    const recall =
      (next: Layer): Layer =>
      async (call) => {
        const { ready } = call;
        const result = await next(call);
        kept.push(call.ready === ready);
        return result;
      };
    const mode = new FakeMode((attempt) => (attempt === 1 ? outdated() : Promise.resolve([ROWS])));
    const { ways, call } = composed({ recall, mode });
    expect(await ways.run(call())).toBe('epoch 2');
    expect(await ways.run(call())).toBe('epoch 2');
    expect(kept).toEqual([false, true]);
    expect(mode.sent).toEqual(['select 1', 'select 2', 'select 2']);
  });

  it('compiles a second time only', async () => {
    const mode = new FakeMode(outdated);
    const { ways, call } = composed({ mode });
    await expect(ways.run(call())).rejects.toMatchObject({ sqlState: '42703' });
    expect(mode.sent).toEqual(['select 1', 'select 2']);
  });

  it('refreshes behind the back of a call by a call of its own', async () => {
    let refreshed: Promise<unknown> | undefined;
    const { ways, call, mode, place, caller } = composed({
      recall: (next) => () => {
        const own = new Call('select', place, caller, {}, held(compiledWith), undefined);
        own.limits = LIMITS;
        own.actor = ACTOR;
        own.ready = compiledWith(emptyCatalog(9));
        refreshed = Promise.resolve(next(own));
        return { value: 'stale', rows: 1 };
      },
    });
    expect(await ways.run(call())).toBe('stale');
    expect(await refreshed).toEqual({ value: 'epoch 9', rows: 2 });
    expect(mode.sent).toEqual(['select 9']);
  });

  it('passes the same gate with a stream, which answers when it has ended', async () => {
    const passed: string[] = [];
    const gate: Gate = { enter: () => passed.push('enter'), leave: () => passed.push('leave') };
    const events: CallEvent[] = [];
    const { ways, mode, place, caller } = composed({ gate, onCall: (event) => events.push(event) });
    const handover = new Handover<readonly unknown[]>();
    const streamed = (): ReadyStatement<readonly string[]> => ({
      ...compiledWith(emptyCatalog(1)),
      read: () => ({ value: ['a', 'b'], rows: 2 }),
    });
    const task: StreamTask = { batchSize: 10, handover };
    const rows: unknown[] = [];
    const call = new Call('stream', place, caller, {}, held(streamed), task);
    for await (const row of drink(call, ways.stream)) rows.push(row);
    expect(rows).toEqual(['a', 'b']);
    expect(mode.sent).toEqual(['declare', 'fetch', 'close']);
    expect(passed).toEqual(['enter', 'leave']);
    expect(events).toMatchObject([{ kind: 'stream', rows: 2 }]);
  });
});
