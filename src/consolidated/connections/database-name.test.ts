import { describe, expect, it } from 'vitest';
import { parseOptions } from '../options/parse-options.ts';
import type { DatabaseServiceOptions } from '../options/service-options.ts';
import { databaseName } from './database-name.ts';

const nameOf = (options: DatabaseServiceOptions): string => databaseName(parseOptions(options));
const pooler = (ref: string, port: number, password = 'secret'): string =>
  `postgres://cdb_user.${ref}:${password}@aws-0-eu-central-1.pooler.supabase.com:${port}/postgres`;

describe('the name of a database', () => {
  it('is the same whichever mode of a pooler is given, and however else it is reached', () => {
    const name = nameOf({ session: pooler('abc', 5432) });
    expect(nameOf({ transaction: pooler('abc', 6543, 'other') })).toBe(name);
    expect(nameOf({ transaction: pooler('abc', 6543), direct: 'derive' })).toBe(name);
    expect(name).not.toContain('secret');
  });

  it('is another one for each project, host, port and database', () => {
    const urls = ['a:5432/x', 'b:5432/x', 'a:5433/x', 'a:5432/y'].map(
      (place) => `postgres://u:secret@${place}`,
    );
    const names = [
      ...urls.map((direct) => nameOf({ direct })),
      nameOf({ session: pooler('abc', 5432) }),
      nameOf({ session: pooler('abd', 5432) }),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(names.join()).not.toContain('secret');
  });

  it('is its own for each embedded database', () => {
    expect(nameOf({ embedded: true })).not.toBe(nameOf({ embedded: true }));
  });
});
