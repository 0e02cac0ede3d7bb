import { introspect } from '../../src/consolidated/catalog/introspect.ts';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import { PlanCache } from '../../src/consolidated/compile/plan-cache.ts';
import type { DescribedStatement } from '../../src/consolidated/facade/described-statement.ts';
import { StatementMethods } from '../../src/consolidated/facade/statement-methods.ts';
import { LearnedSearches } from '../../src/consolidated/vectors/learned-searches.ts';
import { systemClock } from '../../src/contract/clock.ts';
import type { Actor } from '../../src/contract/identity.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { HOSTILE_SQL } from './hostile-schema.ts';

const SERVICE: Actor = { kind: 'service', role: 'service_role', claims: '{}', expiresAt: undefined };

/** The catalog of the hostile schema, as a service reads it. */
export async function hostileCatalog(): Promise<Catalog> {
  await using database = await createEmbeddedDatabase({ sql: HOSTILE_SQL });
  return introspect(
    async (text, values) => (await database.query<string[]>(text, [...values], { rowMode: 'array' })).rows,
    ['public'],
    ['service_role'],
  );
}

/** What would be sent for a call: all that goes into Parse messages and settings, and what is bound. */
export interface Sent {
  readonly texts: readonly string[];
  readonly values: readonly (string | null)[];
}

/** Compiles what a method describes, with nothing kept from earlier calls that could hide a difference. */
export function compile(
  catalog: Catalog,
  describe: (statements: StatementMethods<never>) => DescribedStatement<unknown>,
): Sent {
  const statements = new StatementMethods<never>({
    limits: 'taken',
    schema: 'public',
    schemas: ['public'],
    maxRows: 1_000,
    decode: { largeNumbers: 'throw' },
    plans: new PlanCache(),
    searches: new LearnedSearches(systemClock, undefined),
  });
  const ready = describe(statements).prepare(catalog, SERVICE);
  return {
    texts: [
      ...ready.statements.flatMap(({ plan }) => [plan.text, plan.document, plan.name, plan.intent]),
      JSON.stringify(ready.settings ?? []),
    ],
    values: ready.statements.flatMap(({ values }) => values),
  };
}
