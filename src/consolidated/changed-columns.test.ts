import { describe, expect, it } from 'vitest';
import { emptyCatalog } from '../../test/support/empty-catalog.ts';
import type { Actor } from '../contract/identity.ts';
import type { CallLimits, ConnectionMode, StatementReply } from '../contract/mode.ts';
import type { Intent } from '../contract/statement.ts';
import { Call } from './call/call.ts';
import type { CallPlace } from './call/call-place.ts';
import { asOne, held, type ReadyStatement } from './call/ready-statement.ts';
import type { Catalog } from './catalog/model.ts';
import { parseOptions } from './options/parse-options.ts';
import { composePipeline } from './pipeline.ts';
import { OpenTransactions } from './transaction/open-transactions.ts';
import { columnsChanged } from './values/columns-changed.ts';

const ACTOR: Actor = { kind: 'anonymous', role: 'anon', claims: '{}', expiresAt: undefined };
const LIMITS: CallLimits = {
  deadline: Number.MAX_SAFE_INTEGER,
  signal: undefined,
  maxRows: 100,
  maxBytes: 1_000,
};
interface Scene {
  readonly intent: Intent;
  /** The text that a catalog of this epoch makes. */
  readonly text: (epoch: number) => string;
  /** The first epoch whose decoder can read the replies. */
  readonly readableFrom: number;
  /** Whether a reload finds a newer catalog. */
  readonly reloads?: boolean;
}

/** A call over a fake mode that always answers alike, with a catalog that grows with each reload. */
function scene({ intent, text, readableFrom, reloads = true }: Scene) {
  const sent: string[] = [];
  let current: Catalog = emptyCatalog(1);
  const reply: StatementReply = { form: 'document', text: '' };
  const mode: ConnectionMode = {
    name: 'transaction',
    capabilities: { pinned: false, parallel: true, cancel: true },
    run: async ({ statements }) => {
      sent.push(...statements.map(({ plan }) => plan.document));
      return statements.map(() => reply);
    },
    withTransaction: () => Promise.reject(new Error('There is none.')),
    describe: async () => [],
    onOneConnection: () => Promise.reject(new Error('There is none.')),
    isFull: false,
    hasRoom: () => true,
    expectedMs: 0,
    restMs: 0,
    dropIdle: () => {},
    stats: () => ({ mode: 'transaction', size: 0, idle: 0, busy: 0, waiting: 0, max: 0 }),
    close: async () => {},
  };
  const catalogs = {
    get current() {
      return current;
    },
    load: () => Promise.resolve(current),
    read: () => Promise.resolve(current),
    reloadForReply: () => Promise.resolve(current),
    reloadForLabel: () => Promise.resolve(current),
    reloadForMissing: async () => {
      if (reloads) current = emptyCatalog(current.epoch + 1);
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
      check: () => undefined,
    },
    catalogs,
    listener: { listen: () => Promise.reject(new Error('Nobody listens.')) },
    open: new OpenTransactions(),
  });
  const prepare = ({ epoch }: Catalog): ReadyStatement<string> => ({
    kind: intent === 'read' ? 'select' : 'insert',
    statements: [
      {
        plan: { text: text(epoch), document: text(epoch), name: '', intent, origin: 'compiled' },
        values: [],
      },
    ],
    settings: undefined,
    read: () => {
      if (epoch < readableFrom) throw columnsChanged('n');
      return { value: `epoch ${epoch}`, rows: 1 };
    },
  });
  const run = (ready: (catalog: Catalog) => ReadyStatement<unknown> = prepare) =>
    ways.run(new Call('select', place, { resolve: () => ACTOR }, {}, held(ready), undefined));
  return { sent, run, prepare };
}

const SAME = () => 'select n';
const OTHER = (epoch: number) => `select n -- ${epoch}`;

describe('a reply whose values are not of the types that the call was compiled for', () => {
  it.each(['read', 'write'] as const)(
    'is read by a new catalog without sending a %s again',
    async (intent) => {
      const { run, sent } = scene({ intent, text: SAME, readableFrom: 2 });
      expect(await run()).toBe('epoch 2');
      expect(sent).toEqual(['select n']);
    },
  );

  it('is read by the catalog after the next where the next one was read before the change', async () => {
    const { run, sent } = scene({ intent: 'write', text: SAME, readableFrom: 3 });
    expect(await run()).toBe('epoch 3');
    expect(sent).toEqual(['select n']);
  });

  it('is asked for once more where a read is now asked for in other words', async () => {
    const { run, sent } = scene({ intent: 'read', text: OTHER, readableFrom: 2 });
    expect(await run()).toBe('epoch 2');
    expect(sent).toEqual([OTHER(1), OTHER(2)]);
  });

  it('is told applied where a write is now asked for in other words', async () => {
    const { run, sent } = scene({ intent: 'write', text: OTHER, readableFrom: 2 });
    await expect(run()).rejects.toMatchObject({ code: 'COLUMNS_CHANGED', outcome: 'applied', field: 'n' });
    expect(sent).toEqual([OTHER(1)]);
  });

  it.each([
    ['read', 'not-applied'],
    ['write', 'applied'],
  ] as const)('is an error where no newer catalog is had: of a %s %s', async (intent, outcome) => {
    const { run, sent } = scene({ intent, text: SAME, readableFrom: 2, reloads: false });
    await expect(run()).rejects.toMatchObject({ code: 'COLUMNS_CHANGED', outcome });
    expect(sent).toEqual(['select n']);
  });

  it('is an error in the end, where no catalog makes it readable', async () => {
    const { run, sent } = scene({ intent: 'read', text: OTHER, readableFrom: 99 });
    await expect(run()).rejects.toMatchObject({ code: 'COLUMNS_CHANGED', outcome: 'not-applied' });
    expect(sent).toEqual([OTHER(1), OTHER(2)]);
  });

  it('is read anew in a batch too', async () => {
    const { run, sent, prepare } = scene({ intent: 'write', text: SAME, readableFrom: 2 });
    expect(await run((catalog) => asOne([prepare(catalog), prepare(catalog)]))).toEqual([
      'epoch 2',
      'epoch 2',
    ]);
    expect(sent).toEqual(['select n', 'select n']);
  });
});
