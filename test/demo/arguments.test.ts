import { describe, expect, test } from 'vitest';
import { HELP, readArguments } from '../../examples/demo/arguments.ts';
import { sortUrls } from '../../examples/demo/connection-urls.ts';

const DIRECT = 'postgres://app:hush@db.example.com:5432/app';
const TRANSACTION = 'postgres://app:hush@pool.example.com:6543/app';

describe('a URL', () => {
  test.each([
    ['postgres://app:hush@db.example.com:5432/app', 'direct'],
    ['postgresql://app:hush@db.example.com/app', 'direct'],
    ['postgres://app.ref:hush@aws-0-eu-west-1.pooler.supabase.com:5432/postgres', 'session'],
    ['postgres://app.ref:hush@aws-0-eu-west-1.pooler.supabase.com:6543/postgres', 'transaction'],
    ['postgres://app:hush@db.example.com:6543/app', 'transaction'],
  ])('%s is recognised as %s', (url, mode) => {
    expect(sortUrls('--url', [url])).toEqual({ [mode]: url });
  });

  test('may name its mode, whatever its port', () => {
    expect(sortUrls('--url', ['session=postgres://app:hush@127.0.0.1:41234/app'])).toEqual({
      session: 'postgres://app:hush@127.0.0.1:41234/app',
    });
  });

  test.each([
    [['postgres://app:hush@db.example.com:7000/app'], /the port 7000.*direct=…, session=… or transaction=…/],
    [
      ['pooled=postgres://app:hush@db.example.com/app'],
      /the mode 'pooled'; it must be one of direct, session, transaction/,
    ],
    [['mysql://app:hush@db.example.com/app'], /not a valid URL such as postgres:/],
    [['postgres://app:hu sh@db:x/app'], /not a valid URL such as postgres:/],
    [[DIRECT, 'direct=postgres://app:hush@other.example.com/app'], /given twice for the mode direct/],
  ])('%j is refused without its password', (urls, message) => {
    expect(() => sortUrls('--url', urls)).toThrow(message);
    expect(() => sortUrls('--url', urls)).not.toThrow(/hush|hu sh/);
  });
});

describe('the command line', () => {
  test('without words asks for the embedded database and a table', () => {
    expect(readArguments([], {})).toEqual({ json: false, server: undefined });
  });

  test('takes several URLs, and the direct one for management', () => {
    expect(readArguments(['--url', TRANSACTION, '--url', DIRECT, '--json'], {})).toEqual({
      json: true,
      server: {
        users: { direct: DIRECT, transaction: TRANSACTION },
        service: undefined,
        adminUrl: DIRECT,
        migrate: false,
        caFile: undefined,
      },
    });
  });

  test('takes the URLs from the environment, so that they need not be seen by others', () => {
    const environment = {
      CDB_DEMO_URL: `${DIRECT} ${TRANSACTION}`,
      CDB_DEMO_SERVICE_URL: DIRECT,
      CDB_DEMO_ADMIN_URL: 'postgres://owner:hush@db.example.com/app',
    };
    expect(readArguments(['--migrate'], environment)).toMatchObject({
      server: {
        users: { direct: DIRECT, transaction: TRANSACTION },
        service: { direct: DIRECT },
        adminUrl: 'postgres://owner:hush@db.example.com/app',
        migrate: true,
      },
    });
  });

  test('asks for an owner beside a URL of transaction mode alone', () => {
    expect(() => readArguments(['--url', TRANSACTION], {})).toThrow('--admin-url is required');
  });

  test.each([
    [['--migrate'], '--migrate has no effect without --url'],
    [['--service-url', DIRECT, '--ca', 'ca.pem'], '--service-url and --ca have no effect without --url'],
    [['--colour'], "Unknown option '--colour'"],
    [['postgres'], "Unexpected argument 'postgres'"],
  ])('%j is refused', (words, message) => {
    expect(() => readArguments(words, {})).toThrow(message);
  });

  test('--help wins', () => {
    expect(readArguments(['--url', DIRECT, '--help'], {})).toBe('help');
  });

  test('help names every option, and no line of it is wider than the table', () => {
    for (const option of ['--url', '--service-url', '--admin-url', '--migrate', '--ca', '--json', '--help']) {
      expect(HELP).toContain(option);
    }
    expect(HELP.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });
});
