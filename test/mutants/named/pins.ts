import type { NamedMutant } from '../mutant.ts';

const SET_UP = {
  file: 'src/modes/wire/set-up.ts',
  tests: ['test/fail-closed/pins.test.ts'],
} as const;

/** What answers would be changed by, were the setting not pinned. */
const PINNED: readonly (readonly [name: string, value: string, guard: string])[] = [
  ['request.jwt.claim', '', "another one's claims"],
  ['request.jwt.claim.sub', '', "another one's auth.uid()"],
  ['request.jwt.claim.role', '', "another one's auth.role()"],
  ['request.jwt.claim.email', '', "another one's auth.email()"],
  ['TimeZone', 'UTC', 'another time zone'],
  ['DateStyle', 'ISO, MDY', 'another form of dates'],
  ['IntervalStyle', 'postgres', 'another form of intervals'],
  ['bytea_output', 'hex', 'another form of bytes'],
  ['extra_float_digits', '1', 'rounded numbers'],
  ['client_encoding', 'UTF8', 'another encoding'],
  ['row_security', 'on', 'an error in place of row level security'],
  ['lock_timeout', '0', 'a time limit for locks'],
  ['array_nulls', 'on', "NULL in arrays as the text 'NULL'"],
  ['transform_null_equals', 'off', '= NULL as IS NULL'],
];

/** The settings that a set-up fixes, one by one. */
export const PINS: readonly NamedMutant[] = [
  ...PINNED.map(([name, value, what]) => ({
    ...SET_UP,
    name: `pin of ${name}`,
    guard: `A ${name} that was left behind does not give the next user ${what}.`,
    symbol: 'PINS',
    find: `['${name}', '${value}'],`,
    replace: '',
  })),
  {
    ...SET_UP,
    name: 'search path of prepared set-ups',
    guard: 'A search_path that was left behind does not lead to other tables.',
    symbol: 'compose',
    find: "(`'search_path'`, '$4'),",
    replace: "(`'cdb.nothing'`, '$4'),",
  },
  {
    ...SET_UP,
    name: 'search path of set-ups that are parsed each time',
    guard: 'A search_path that was left behind does not lead to other tables.',
    symbol: 'PIN_NAMES',
    find: "'search_path',",
    replace: "'cdb.nothing',",
  },
  {
    ...SET_UP,
    name: 'pg_temp comes last',
    guard: 'A temporary table that was left behind does not stand before the real one.',
    symbol: 'searchPathValue',
    find: "[...schemas.map(quotedName), 'pg_temp']",
    replace: 'schemas.map(quotedName)',
  },
  {
    ...SET_UP,
    name: 'reads only read, prepared',
    guard: 'A read cannot write.',
    symbol: 'compose',
    find: "local(`'transaction_read_only'`, `'on'`)",
    replace: "local(`'transaction_read_only'`, `'off'`)",
    tests: ['test/modes/full-stack.test.ts'],
  },
  {
    ...SET_UP,
    name: 'reads only read, parsed each time',
    guard: 'A read cannot write.',
    symbol: 'unpreparedSetUpValues',
    find: "values += ',on';",
    replace: "values += ',off';",
    tests: ['test/modes/full-stack.test.ts'],
  },
  {
    ...SET_UP,
    name: 'settings end with the batch',
    guard: 'Role and claims of one batch do not last until the next.',
    symbol: 'local',
    find: ', true)',
    replace: ', false)',
  },
  {
    ...SET_UP,
    name: 'names of settings cannot break out',
    guard: 'A setting that holds quotes stays one element.',
    symbol: 'quoted',
    find: `text.includes('"') || text.includes('\\\\') ?`,
    replace: 'text.length < 0 ?',
    tests: ['src/modes/wire/set-up.test.ts'],
  },
];
