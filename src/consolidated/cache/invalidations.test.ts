import { describe, expect, it } from 'vitest';
import { emptyCatalog } from '../../../test/support/empty-catalog.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ConnectionError, UsageError } from '../../contract/errors.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { Call } from '../call/call.ts';
import type { Touched } from '../call/touched.ts';
import type { InvalidationCause } from '../typed/cache-report.ts';
import type { CacheRules } from './cache-rules.ts';
import { ReadCache } from './read-cache.ts';
import { WriteTouching } from './touching.ts';

/** What is counted of one write of the kind that touches this and ends so. */
function counted(kind: StatementKind, touched: Touched, error?: unknown): Partial<Record<string, number>> {
  const clock = new FakeClock();
  const rules: Pick<CacheRules, 'touchedBy'> = { touchedBy: () => touched };
  const touching = new WriteTouching(new ReadCache(1 << 20), rules, clock, async () => {});
  const ready = { kind, statements: [{ plan: {} }] };
  const call = { ready, compiledWith: emptyCatalog(1), limits: { deadline: 0 } } as unknown as Call<unknown>;
  touching.begins(call);
  touching.ended(call, error);
  return Object.fromEntries(Object.entries(touching.invalidations.counts).filter(([, count]) => count > 0));
}

const LOST = new ConnectionError('lost', { code: 'CONNECTION_LOST', outcome: 'unknown' });

describe('a write', () => {
  it.each<[string, StatementKind, Touched, unknown, InvalidationCause]>([
    ['of tables that the catalog tells', 'insert', ['public.trips'], undefined, 'write'],
    ['that was not applied, too', 'insert', ['public.trips'], new UsageError('wrong'), 'write'],
    ['of raw SQL that says what', 'sql', ['public.trips'], undefined, 'declared'],
    ['of a function that says what', 'rpc.write', ['public.trips'], undefined, 'declared'],
    ['that does not say', 'sql', 'everything', undefined, 'everything'],
    ['of which nobody knows what became', 'insert', ['public.trips'], LOST, 'unknown outcome'],
  ])('%s is counted once', (_, kind, touched, error, cause) => {
    expect(counted(kind, touched, error)).toEqual({ [cause]: 1 });
  });

  it('that touches nothing is none', () => {
    expect(counted('sql', [])).toEqual({});
  });
});
