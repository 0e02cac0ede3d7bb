import type { NamedMutant } from '../mutant.ts';

const INPUT = {
  file: 'src/business/check-input.ts',
  tests: ['test/business/polluted-prototype.test.ts'],
} as const;
const TRIPS = { file: 'src/business/trips/trips.ts', tests: ['test/business/trips.test.ts'] } as const;
const USERS = { file: 'src/business/users/users.ts', tests: ['test/business/users.test.ts'] } as const;
const USERS_SQL = { file: 'supabase/migrations/20261130010100_users.sql', tests: USERS.tests } as const;
const HISTORY = ['test/business/search-history.test.ts'] as const;
const HISTORY_SQL = {
  file: 'supabase/migrations/20261130010200_search_history.sql',
  tests: HISTORY,
} as const;
const RECORDER = {
  file: 'src/business/search-history/search-recorder.ts',
  tests: ['test/business/search-recorder.test.ts'],
} as const;

const VISIBILITY = {
  file: 'supabase/migrations/20261130060000_visibility_as_it_is.sql',
  tests: ['test/business/at-once.test.ts'],
} as const;

/** What keeps inputs of modules to their rules, and searches to those who made them. */
export const BUSINESS_MODULES: readonly NamedMutant[] = [
  {
    ...INPUT,
    name: 'fields by inheritance',
    guard: 'What an input inherits is no field.',
    symbol: 'checkInput',
    find: 'fields.safeParse(givenFields(input))',
    replace: 'fields.safeParse(input)',
  },
  {
    ...INPUT,
    name: 'checked fields by inheritance',
    guard: 'What was left out is not read from the prototype behind the check.',
    symbol: 'checkInput',
    find: 'return ownOptions(result.data);',
    replace: 'return result.data;',
  },
  {
    ...INPUT,
    name: 'options of modules by inheritance',
    guard: 'What options inherit is no option.',
    symbol: 'givenOptions',
    find: 'return ownOptions(options);',
    replace: 'return options;',
  },
  {
    name: 'options of statements',
    guard: 'An option that a module does not know is refused, not passed on.',
    file: 'src/business/check-input.ts',
    symbol: 'givenOptions',
    find: 'checkOptions(options, known);',
    replace: '',
    tests: TRIPS.tests,
  },
  {
    name: 'the depth of json',
    guard: 'JSON is as deep as it may be.',
    file: 'src/business/json-object.ts',
    symbol: 'isBounded',
    find: 'if (depth > MAX_DEPTH) return false;',
    replace: '',
    tests: TRIPS.tests,
  },
  {
    name: 'the nodes of json',
    guard: 'JSON has as many values as it may have.',
    file: 'src/business/json-object.ts',
    symbol: 'isBounded',
    find: 'if (nodes > MAX_NODES) return false;',
    replace: '',
    tests: TRIPS.tests,
  },
  {
    ...TRIPS,
    name: 'cancelling a completed trip',
    guard: 'A trip that has taken place is not cancelled.',
    symbol: 'Trips.cancel',
    find: "status: op.in(['planning', 'booked'])",
    replace: '',
  },
  {
    ...USERS,
    name: 'patterns in a search of users',
    guard: 'What is searched for is text, no pattern.',
    symbol: 'Users.list',
    find: ".replace(/[\\\\%_]/g, '\\\\$&')",
    replace: '',
  },
  {
    ...USERS,
    name: 'preferences of nobody',
    guard: 'A change of preferences that changed none fails.',
    symbol: 'Users.changePreferences',
    find: 'changed === null',
    replace: 'false',
  },
  {
    ...USERS_SQL,
    name: 'preferences merged',
    guard: 'Preferences that are not named stay.',
    symbol: 'public.change_preferences',
    find: 'p.preferences || change_preferences.patch',
    replace: 'change_preferences.patch',
  },
  {
    ...HISTORY_SQL,
    name: 'what few searched for',
    guard: 'What fewer than five users searched for is not told.',
    symbol: 'private.popular_searches',
    find: 'greatest(popular_searches.least_users, 5)',
    replace: 'popular_searches.least_users',
  },
  {
    ...HISTORY_SQL,
    name: 'one who searched often',
    guard: 'Users are counted, not searches.',
    symbol: 'private.popular_searches',
    find: 'having count(distinct s.user_id)',
    replace: 'having count(s.user_id)',
  },
  {
    name: 'all batches of a purge',
    guard: 'A purge ends when nothing old is left.',
    file: 'src/business/search-history/search-history.ts',
    symbol: 'SearchHistory.purge',
    find: 'if (gone < most)',
    replace: '',
    tests: HISTORY,
  },
  {
    ...RECORDER,
    name: 'searches apart by identity',
    guard: 'A search is written as who searched.',
    symbol: 'SearchRecorder.#keep',
    find: 'const waiting = this.#waiting.get(identity);',
    replace: 'const waiting = [...this.#waiting.values()][0];',
  },
  {
    ...RECORDER,
    name: 'searches outside of transactions',
    guard: 'A search is written though the transaction around it is open, or rolled back.',
    symbol: 'SearchRecorder.flush',
    find: 'this.#handle.outside(() => this.#write())',
    replace: 'this.#write()',
  },
  {
    ...RECORDER,
    name: 'room for searches',
    guard: 'Searches that wait take so much memory and no more.',
    symbol: 'SearchRecorder.record',
    find: '|| this.#room === 0',
    replace: '',
  },
  {
    ...RECORDER,
    name: 'searches of nobody',
    guard: 'Only searches of users are taken.',
    symbol: 'rowOf',
    find: "if (identity.kind !== 'user') return undefined;",
    replace: '',
  },
  {
    ...RECORDER,
    name: 'one writing of searches',
    guard: 'Searches are written once, one batch after the other.',
    symbol: 'SearchRecorder.flush',
    find: 'while (this.#flushing !== undefined) await this.#flushing;',
    replace: '',
  },
  {
    ...RECORDER,
    name: 'full batches while the database is away',
    guard: 'A database that is away is not asked more often because much waits for it.',
    symbol: 'SearchRecorder.#flushLater',
    find: '!this.#isAway &&',
    replace: '',
  },
  {
    ...RECORDER,
    name: 'searches while the database is away',
    guard: 'What could not be written waits for the next time.',
    symbol: 'SearchRecorder.#settle',
    find: 'if (isAway(error)) return false;',
    replace: '',
  },
  {
    ...RECORDER,
    name: 'searches that change while they wait',
    guard: 'What a caller does to an object after it was recorded changes no search.',
    symbol: 'rowOf',
    find: 'filters: structuredClone(filters)',
    replace: 'filters',
  },
  {
    ...VISIBILITY,
    name: 'a trip as an update found it',
    guard: 'An editor does not undo what the owner says of visibility meanwhile.',
    symbol: 'private.visibility_of_trip',
    find: 'volatile',
    replace: 'stable',
  },
];
