import { describe, expect, it } from 'vitest';
import { emptyCatalog } from '../../../test/support/empty-catalog.ts';
import type { RelationGraphRows } from '../catalog/relation-graph-rows.ts';
import { readDependencies } from './dependencies.ts';

/** A view with these marks, and nothing else. */
function refusalOf(marks: readonly string[] | null) {
  const graph: RelationGraphRows = {
    relations: [[20_000, 'public', 'v', 'v', null, null, marks]],
    readers: ['anon'],
    inherits: [],
    policies: [],
    functions: [],
    cascades: [],
    triggers: [],
    rules: [],
  };
  const found = readDependencies(emptyCatalog(1, { graph }), 'public.v', 'anon', new Map());
  return 'refusal' in found ? found.refusal : found;
}

describe('a read whose catalog does not tell all', () => {
  it.each([
    ['a view without a definition', null, 'unknown expression'],
    ['a function that is missing', ['f7'], 'unknown function'],
    ['a relation that is missing', ['r30000'], 'unknown relation'],
    ['a type that is missing', ['i7'], 'unknown expression'],
    ['a value of SQL of a later version', ['nSQLVALUEFUNCTION :op 15'], 'setting'],
    ['a node of a later version', ['nNEWEXPR'], 'unknown expression'],
    ['a mark that cannot be read', ['?'], 'unknown expression'],
    ['a statement that inserts', ['nQUERY :commandType 3'], 'volatile function'],
    ['a sequence', ['nNEXTVALUEEXPR'], 'volatile function'],
  ])('is refused: %s', (_, marks, reason) => {
    expect(refusalOf(marks)).toMatchObject({ reason, what: expect.stringContaining('view "public.v"') });
  });
});
