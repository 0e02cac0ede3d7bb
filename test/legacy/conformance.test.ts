import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DatabaseError } from '../../src/index.ts';
import { check, PROPERTY_TIMEOUT_MS } from '../injection/property-runs.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { type GeneratedOperation, ROWS, reads, THINGS, writes } from './generated-operations.ts';
import { type AnyOperations, type Side, TwoSides, tokenOf } from './two-sides.ts';

const ANA = '00000000-0000-4000-8000-00000000000a';

/** What a caller decides by. */
interface Settled {
  readonly value?: unknown;
  readonly error?: { readonly class: string; readonly outcome: string; readonly field: string | undefined };
}

/** What was said of the last refusals, for whoever reads a failure. */
const said: string[] = [];

async function settled(operation: GeneratedOperation, side: AnyOperations): Promise<Settled> {
  try {
    return { value: sorted(operation, await operation.run(side)) };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const { name, outcome, field } = error;
    said.splice(0, said.length - 1, error.message);
    return { error: { class: name, outcome, field: name === 'UniqueConstraintError' ? field : undefined } };
  }
}

/** Written rows are in no order. */
function sorted({ name }: GeneratedOperation, value: unknown): unknown {
  if (name === 'select' || !Array.isArray(value)) return value;
  return value.toSorted((one: { id?: number }, other: { id?: number }) => (one.id ?? 0) - (other.id ?? 0));
}

describeFullStack('the legacy side and the service', () => {
  let sides: TwoSides;
  let as: Readonly<Record<Side, AnyOperations>>;

  beforeAll(async () => {
    sides = await TwoSides.open({ sql: THINGS + ROWS });
    as = sides.as({ token: await tokenOf(ANA) });
  });
  afterAll(() => sides[Symbol.asyncDispose]());

  it(
    'read the same rows, or refuse with the same class',
    async () => {
      let refused = 0;
      await check(
        20,
        fc.asyncProperty(reads, async (operation) => {
          const [legacy, consolidated] = await Promise.all([
            settled(operation, as.legacy),
            settled(operation, as.consolidated),
          ]);
          if (legacy.error !== undefined) refused++;
          expect(legacy, said.join(' | ')).toEqual(consolidated);
        }),
      );
      expect(refused).toBeGreaterThan(0);
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'write the same rows, or refuse with the same class',
    async () => {
      await check(
        10,
        fc.asyncProperty(writes, async (operation) => {
          const results = [];
          for (const side of [as.legacy, as.consolidated]) {
            await sides.database.query(ROWS);
            const answer = await settled(operation, side);
            results.push({ answer, rows: await sides.database.query('select * from things order by id') });
          }
          expect(results[0], said.join(' | ')).toEqual(results[1]);
        }),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});
