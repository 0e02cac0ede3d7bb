import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutated } from './mutant.ts';
import { NAMED_MUTANTS } from './named-mutants.ts';

const root = resolve(import.meta.dirname, '../..');

describe('the named mutants', () => {
  it('are sixty or more, each of its own name', () => {
    const names = NAMED_MUTANTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(60);
  });

  it.each(NAMED_MUTANTS)('still apply: $name', (mutant) => {
    const text = readFileSync(join(root, mutant.file), 'utf8');
    const changed = mutated(text, mutant);
    expect(changed).not.toBe(text);
    // A text that nobody can read would be killed by every test.
    if (mutant.file.endsWith('.ts')) expect(() => stripTypeScriptTypes(changed)).not.toThrow();
  });

  it('name tests that there are', () => {
    const named = new Set(NAMED_MUTANTS.flatMap(({ tests }) => tests));
    expect([...named].filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});
