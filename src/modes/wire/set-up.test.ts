import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchPathValue, setUpFor, setUpValues, unpreparedSetUpValues } from './set-up.ts';

type SetUpParts = Parameters<typeof setUpValues>[0];

/** Reads an array of texts in Postgres' format; every element but words without special characters is quoted. */
function elements(literal: string): string[] {
  expect(literal).toMatch(/^\{.*\}$/s);
  const found: string[] = [];
  const element = /"((?:[^"\\]|\\.)*)"|([^",{}\\]+)/gs;
  for (const [, inQuotes, bare] of literal.slice(1, -1).matchAll(element)) {
    found.push(bare ?? (inQuotes as string).replace(/\\(.)/gs, '$1'));
  }
  return found;
}

function parts(changes: Partial<SetUpParts> = {}): SetUpParts {
  return {
    actor: { role: 'authenticated', claims: JSON.stringify({ sub: 'ann' }) },
    access: 'read',
    isolation: 'read committed',
    searchPath: searchPathValue(['public']),
    statementTimeoutMs: 7_999.2,
    nonce: 'n.1',
    settings: [],
    ...changes,
  };
}

describe('the set-up of a server that keeps no statements', () => {
  it('gives as many values as names, whatever the claims, the role and the search path hold', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(
        fc.record({ sub: text, role: text, deep: fc.jsonValue() }),
        text,
        fc.array(text),
        fc.array(fc.tuple(text, text), { maxLength: 3 }),
        fc.constantFrom('read', 'write'),
        (claims, role, schemas, settings, access) => {
          const json = JSON.stringify(claims);
          const searchPath = searchPathValue(schemas);
          const [nonce, names, values] = unpreparedSetUpValues(
            parts({ actor: { role, claims: json }, searchPath, settings, access }),
          ) as [string, string, string];
          const given = elements(values);
          const named = elements(names).map((name, i) => [name, given[i]] as const);
          expect(nonce).toBe('n.1');
          expect(given.length).toBe(named.length);
          const pairs = new Map(named);
          expect(pairs.get('role')).toBe(role);
          expect(pairs.get('request.jwt.claims')).toBe(json);
          expect(pairs.get('search_path')).toBe(searchPath);
          expect(pairs.get('statement_timeout')).toBe('8000');
          const behind = named.findIndex(([name]) => name === 'transaction_isolation') + 1;
          expect(named.slice(behind, behind + settings.length)).toEqual(settings);
          expect(pairs.has('transaction_read_only')).toBe(access === 'read');
        },
      ),
    );
  });

  it('sets what the prepared one sets', () => {
    for (const access of ['read', 'write'] as const) {
      const given = setUpValues(parts({ access }), false);
      // `set_config('name', 'value', true)` or `set_config('name', $2, true)`
      const calls = [
        ...setUpFor({ kind: access, pinned: false }, 0).text.matchAll(
          /set_config\('([^']+)', (?:'([^']*)'|\$(\d+)), true\)/g,
        ),
      ];
      const prepared = calls.map(([, name, value, at]) => [name, value ?? given[Number(at) - 1]]);
      const [, names, values] = unpreparedSetUpValues(parts({ access })) as [string, string, string];
      const valued = elements(values);
      expect(elements(names).map((name, i) => [name, valued[i]])).toEqual(prepared);
      expect(new Map(prepared as [string, string][]).get('request.jwt.claims')).toBe('{"sub":"ann"}');
    }
  });
});
