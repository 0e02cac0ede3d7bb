import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, PinnedTransaction } from '../../contract/mode.ts';
import { TouchedTables } from '../call/touched.ts';
import { parseOptions } from '../options/parse-options.ts';
import { TransactionCatalogs } from './transaction-catalogs.ts';
import { TransactionPlace } from './transaction-place.ts';

const ACTOR: Actor = { kind: 'anonymous', role: 'anon', claims: '{}', expiresAt: undefined };

/** A place over a fake transaction, which remembers its commands without the numbers of the savepoints. */
function fixture(signal?: AbortSignal) {
  const clock = new FakeClock();
  const commands: string[] = [];
  const transaction: PinnedTransaction = {
    mode: 'direct',
    run: async () => [],
    describe: async () => [],
    actAs: async () => undefined,
    command: async (text) => void commands.push(text.replace(/ cdb_savepoint_\d+/, '')),
  };
  const nowhere = () => Promise.reject(new Error('Nobody reads a catalog.'));
  const catalogs = new TransactionCatalogs({ current: undefined, load: nowhere, read: nowhere }, transaction);
  const limits: CallLimits = { deadline: clock.now() + 500, maxRows: 10, maxBytes: 10_000, signal };
  const config = parseOptions({ embedded: true, clock });
  const place = new TransactionPlace(transaction, catalogs, ACTOR, limits, config, new TouchedTables());
  return { clock, commands, limits, place };
}

const thrown = new RangeError('of the work');
const code = (name: string) => expect.objectContaining({ code: name });

describe('a nested transaction', () => {
  it('is a savepoint, released when it returns', async () => {
    const { commands, place } = fixture();
    expect(await place.nested(async () => 7)).toBe(7);
    expect(commands).toEqual(['savepoint', 'release savepoint']);
  });

  it('is undone when it throws', async () => {
    const { commands, place } = fixture();
    await expect(place.nested(() => Promise.reject(thrown))).rejects.toBe(thrown);
    expect(commands).toEqual(['savepoint', 'rollback to savepoint']);
  });

  it('keeps the outer handle out while it is open, and no longer', async () => {
    const { place } = fixture();
    let tried = 0;
    await place.nested(async (inner) => {
      expect(() => place.admit({})).toThrow(code('NESTED_TRANSACTION_OPEN'));
      expect(inner.admit({})).toBeDefined();
      tried += 1;
    });
    await expect(place.nested(() => Promise.reject(thrown))).rejects.toBe(thrown);
    expect(place.admit({})).toBeDefined();
    expect(tried).toBe(1);
  });

  it('keeps the outer handle out from the call on, though its turn has not come', async () => {
    const { place } = fixture();
    const turn = place.takeTurn();
    const nested = place.nested(async () => {});
    expect(() => place.admit({})).toThrow(code('NESTED_TRANSACTION_OPEN'));
    turn.end();
    await nested;
  });

  it('waits for the calls before it, and lets those after it begin', async () => {
    const { clock, commands, place } = fixture();
    const turn = place.takeTurn();
    const nested = place.nested(() => Promise.reject(thrown));
    const failed = expect(nested).rejects.toBe(thrown);
    const after = place.takeTurn();
    await clock.advance(10);
    expect(commands).toEqual([]);
    turn.end();
    await failed;
    await after.begins;
    expect(commands).toEqual(['savepoint', 'rollback to savepoint']);
  });

  it('gives up at the deadline while it waits, and undoes nothing', async () => {
    const { clock, commands, place } = fixture();
    place.takeTurn();
    const told = expect(place.nested(async () => {})).rejects.toMatchObject({ code: 'TIMEOUT' });
    await clock.advance(500);
    await told;
    expect(commands).toEqual([]);
  });

  it('does not begin after the end of the outer one', async () => {
    const { commands, place } = fixture();
    await place.whole(async () => {});
    await expect(place.nested(async () => {})).rejects.toMatchObject({ code: 'TRANSACTION_ENDED' });
    expect(commands).toEqual([]);
  });

  it.each(['returns', 'throws'])(
    'that %s ends when all calls have ended that were made in it',
    async (how) => {
      const { clock, commands, place } = fixture();
      const begun: { end(): void }[] = [];
      const nested = place.nested(async (inner) => {
        begun.push(inner.takeTurn());
        if (how === 'throws') throw thrown;
      });
      nested.catch(() => undefined);
      await clock.advance(10);
      expect(commands).toEqual(['savepoint']);
      begun[0]?.end();
      await clock.advance(0);
      expect(commands.at(-1)).toBe(how === 'throws' ? 'rollback to savepoint' : 'release savepoint');
    },
  );
});

describe('a call in a transaction', () => {
  it('is refused after the end', async () => {
    const { place } = fixture();
    expect(place.isOpen).toBe(true);
    await place.whole(async () => {});
    expect(place.isOpen).toBe(false);
    expect(() => place.admit({})).toThrow(code('TRANSACTION_ENDED'));
    const other = fixture();
    await expect(other.place.whole(() => Promise.reject(thrown))).rejects.toBe(thrown);
    expect(() => other.place.admit({})).toThrow(code('TRANSACTION_ENDED'));
  });

  it('has the deadline of the transaction, or an earlier one of its own', () => {
    const { clock, limits, place } = fixture();
    expect(place.admit({}).deadline).toBe(limits.deadline);
    expect(place.admit({ timeoutMs: 100 }).deadline).toBe(clock.now() + 100);
    expect(place.admit({ timeoutMs: 10_000 }).deadline).toBe(limits.deadline);
  });

  it.each(['the transaction', 'the call'])('ends with the signal of %s', (whose) => {
    const ofTransaction = new AbortController();
    const ofCall = new AbortController();
    const { place } = fixture(ofTransaction.signal);
    const { signal } = place.admit({ signal: ofCall.signal });
    expect(signal?.aborted).toBe(false);
    (whose === 'the call' ? ofCall : ofTransaction).abort();
    expect(signal?.aborted).toBe(true);
  });

  it('ends with the only signal that there is', () => {
    const { signal } = new AbortController();
    expect(fixture(signal).place.admit({}).signal).toBe(signal);
    expect(fixture().place.admit({ signal }).signal).toBe(signal);
  });

  it('cannot go another way than the transaction', () => {
    const { place } = fixture();
    expect(place.admit({ mode: 'direct' })).toBeDefined();
    expect(() => place.admit({ mode: 'session' })).toThrow(code('INVALID_OPTION'));
  });
});

describe('a transaction in which the answer to a write could not be read', () => {
  it('takes no more calls, and refuses those that wait', async () => {
    const { place } = fixture();
    const [running, waiting] = [place.takeTurn(), place.takeTurn()];
    await running.begins;
    place.fail(new Error('unreadable'));
    running.end();
    await expect(waiting.begins).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
    expect(place.isOpen).toBe(false);
    expect(() => place.admit({})).toThrow(code('TRANSACTION_FAILED'));
  });

  it('does not end well, whatever its function returns', async () => {
    const { place } = fixture();
    const work = place.whole(async () => place.fail(new Error('unreadable')));
    await expect(work).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', outcome: 'not-applied' });
  });

  it('undoes the savepoint that it happened in, and may go on', async () => {
    const { commands, place } = fixture();
    const nested = place.nested(async (inner) => inner.fail(new Error('unreadable')));
    await expect(nested).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
    expect(commands).toEqual(['savepoint', 'rollback to savepoint']);
    expect(place.isOpen).toBe(true);
  });
});

describe('a transaction', () => {
  it('whose function rests ends at its deadline', async () => {
    const { clock, place } = fixture();
    const told = expect(place.whole(() => new Promise(() => {}))).rejects.toMatchObject({ code: 'TIMEOUT' });
    await clock.advance(500);
    await told;
    expect(() => place.admit({})).toThrow(code('TRANSACTION_ENDED'));
  });

  it('hands on what its function throws, though calls of it never end', async () => {
    const { clock, place } = fixture();
    const work = place.whole(async (inner) => {
      inner.takeTurn();
      throw thrown;
    });
    const told = expect(work).rejects.toBe(thrown);
    await clock.advance(500);
    await told;
  });
});
