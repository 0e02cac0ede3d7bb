import { describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createSearchHistory,
  createSearchRecorder,
  createTrips,
  createUsers,
  user,
} from '../../src/index.ts';
import { ANA, SAM } from './people.ts';

/**
 * A fake handle that notes what it is asked for, and does nothing: a real database in this process would not work beside what the
 * test does to all objects. What a service makes of its calls then, is tested where the service is.
 */
class NotingHandle {
  readonly noted: unknown[][] = [];

  select = async (...call: unknown[]) => this.#note('select', call, []);
  selectOne = async (...call: unknown[]) => this.#note('selectOne', call, {});
  selectMaybe = async (...call: unknown[]) => this.#note('selectMaybe', call, undefined);
  insert = async (...call: unknown[]) => this.#note('insert', call, {});
  upsert = async (...call: unknown[]) => this.#note('upsert', call, {});
  update = async (...call: unknown[]) => this.#note('update', call, [{}]);
  delete = async (...call: unknown[]) => this.#note('delete', call, 0);
  rpc = async (...call: unknown[]) => this.#note('rpc', call, []);
  vectorSearch = async (...call: unknown[]) => this.#note('vectorSearch', call, []);
  as = () => this;
  outside = <Result>(fn: () => Result): Result => fn();

  #note<Answer>(method: string, call: readonly unknown[], answer: Answer): Answer {
    this.noted.push([method, ...call]);
    return answer;
  }
}

/** What a call of each method asks of the handle, or what it throws. */
async function asked(): Promise<readonly unknown[]> {
  const handle = new NotingHandle();
  // The methods that it lacks are not called.
  const db = handle as unknown as ConsolidatedDatabaseService;
  const [trips, users, history] = [createTrips(db), createUsers(db), createSearchHistory(db)];
  const recorder = createSearchRecorder(db);
  const calls: (() => unknown)[] = [
    () => trips.create({ title: 'x' }),
    () => trips.create({} as never),
    () => trips.change(ANA, { description: 'y' }),
    () => trips.find(ANA),
    () => trips.get(ANA),
    () => trips.list(),
    () => trips.list({ status: 'booked' }),
    () => trips.search({ text: 'x' }),
    () => trips.search({} as never),
    () => trips.alike({ id: ANA }),
    () => trips.alike({ vector: Array.from({ length: 16 }, () => 0.5) }),
    () => trips.alike({} as never),
    () => trips.cancel(ANA),
    () => trips.remove(ANA),
    () => trips.share(ANA, SAM, 'viewer'),
    () => trips.unshare(ANA, SAM),
    () => trips.collaborators(ANA),
    () => users.create({ id: ANA, username: 'ana', email: 'a@b' }),
    () => users.create({} as never),
    () => users.change(ANA, { display_name: 'A' }),
    () => users.list(),
    () => users.changePreferences(ANA, { a: 1 }),
    () => users.remove(ANA),
    () => history.add({ query: 'x' }),
    () => history.recent(ANA),
    () => history.popular({ since: '2027-01-01T00:00:00Z' }),
    () => history.popular({} as never),
    () => history.forget(ANA),
    () => history.purge({} as never),
    () => recorder.record(user({ sub: ANA }), { query: 'x' }),
    () => recorder.flush(),
  ];
  for (const call of calls) {
    try {
      await call();
    } catch (error) {
      handle.noted.push(['thrown', error instanceof Error ? error.message : error]);
    }
  }
  return handle.noted;
}

/** All that an input or an option may be called. */
const NAMES =
  `title description destination_id visibility starts_on ends_on budget currency tags metadata embedding status owner_id
  tag order limit after text id vector similarityThreshold username email display_name home_country preferences search query filters
  result_count user_id since leastUsers olderThanDays batchSize maxWaiting flushAfterMs unchanged idempotencyKey cache writes mode
  timeoutMs signal label returning columns all expect`.split(/\s+/);

describe('beside a changed prototype of all objects', () => {
  it.each(NAMES)('modules ask for the same, with %s on it', async (name) => {
    const expected = JSON.stringify(await asked());
    Object.defineProperty(Object.prototype, name, { value: 'booked', configurable: true, writable: true });
    let noted: readonly unknown[];
    try {
      noted = await asked();
    } finally {
      delete (Object.prototype as Record<string, unknown>)[name];
    }
    expect(JSON.stringify(noted)).toBe(expected);
  });
});
