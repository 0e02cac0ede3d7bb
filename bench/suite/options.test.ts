import { describe, expect, it } from 'vitest';
import { parseSuiteOptions } from './options.ts';
import { planned } from './plan.ts';

describe('the options of the suite', () => {
  it('are a measurement, or a quick look', () => {
    expect(parseSuiteOptions({})).toMatchObject({ isQuick: false, rows: 100_000, rounds: 5, sliceMs: 350 });
    expect(parseSuiteOptions({ quick: true })).toMatchObject({
      isQuick: true,
      rows: 10_000,
      rounds: 3,
      sliceMs: 150,
    });
  });

  it.each([
    [{ case: 'selct' }, /--case must be one of select, .*It was "selct"\./],
    [{ plot: 'all' }, /--plot must be one of work, .*It was "all"\./],
    [{ contender: 'mysql' }, /--contender must be one of consolidated-db, .*It was "mysql"\./],
    [{ rows: '1.5' }, /--rows must be a whole number\. It was 1\.5\./],
    [{ rounds: '-1' }, /--rounds must be a number above 0\. It was "-1"\./],
  ])('name what is wrong: %j', (args, message) => {
    expect(() => parseSuiteOptions(args)).toThrow(message);
  });
});

describe('a Data API for the suite', () => {
  const secrets = { CDB_BENCH_SUPABASE_KEY: 'key', CDB_BENCH_SUPABASE_JWT_SECRET: 'secret' };
  const url = 'https://project.supabase.co';

  it('has its keys from the environment', () => {
    expect(parseSuiteOptions({ 'supabase-url': url }, secrets).dataApi).toEqual({
      url: `${url}/`,
      key: 'key',
      jwtSecret: 'secret',
      rows: 100_000,
    });
    expect(parseSuiteOptions({}, secrets).dataApi).toBeUndefined();
  });

  it.each(Object.keys(secrets))('is refused without %s', (name) => {
    expect(() => parseSuiteOptions({ 'supabase-url': url }, { ...secrets, [name]: '' })).toThrow(
      `--supabase-url needs ${name} in the environment.`,
    );
  });

  it.each(['project.supabase.co', 'postgres://localhost', 'https://user:secret@project.supabase.co'])(
    'is no %s',
    (wrong) => {
      expect(() => parseSuiteOptions({ 'supabase-url': wrong }, secrets)).toThrow(
        '--supabase-url must be an http or https URL without a password in it.',
      );
    },
  );
});

describe('the plan of the suite', () => {
  const all = planned(parseSuiteOptions({}));

  it('changes one thing at a time', () => {
    const varied = {
      concurrency: 'tasks',
      network: 'delayMs',
      rows: 'rows',
      users: 'users',
      processes: 'processes',
    } as const;
    for (const [plot, name] of Object.entries(varied)) {
      const groups = all.filter((group) => group.plot === plot);
      const others = new Set(groups.map((group) => JSON.stringify({ ...group, [name]: 0, case: '' })));
      expect(others.size, plot).toBe(1);
      expect(new Set(groups.map((group) => group[name])).size, plot).toBeGreaterThan(2);
    }
  });

  it('has no more owners than rows, and does not do the same twice', () => {
    expect(all.every(({ rows, users }) => users <= rows)).toBe(true);
    expect(new Set(all.map((group) => JSON.stringify(group))).size).toBe(all.length);
  });

  it('takes a part', () => {
    const some = planned(parseSuiteOptions({ plot: 'work', case: 'page,select', mode: 'direct' }));
    expect(some.map((group) => group.case)).toEqual(['select', 'select', 'page', 'page']);
  });
});
