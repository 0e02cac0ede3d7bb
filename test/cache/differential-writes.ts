/** Writes at random, each with words that say what it was. */
import { type DatabaseHandle, identifier, type TransactionHandle } from '../../src/index.ts';
import type { SeededRandom } from '../support/network/seeded-random.ts';
import { type GeneratedSchema, GROUPS, IDS, subjectOf, USERS } from './differential-schema.ts';

export interface Write {
  readonly what: string;
  run(db: DatabaseHandle): Promise<unknown>;
}

type On = DatabaseHandle | TransactionHandle;
interface Step {
  readonly what: string;
  run(db: On): Promise<unknown>;
}

const thrown = new Error('rolled back on purpose');

export function drawWrite(random: SeededRandom, schema: GeneratedSchema): Write {
  const step = (): Step => drawStep(random, schema);
  switch (random.below(10)) {
    case 0:
      return inTransaction([step(), step()], false);
    case 1:
      return inTransaction([step()], true);
    case 2:
      return savepoint(step(), step());
    case 3: {
      const [one, other] = [drawBuilt(random, schema), drawBuilt(random, schema)];
      return {
        what: `batch of ${one.what}; ${other.what}`,
        run: (db) => db.batch([one.build(db), other.build(db)] as never),
      };
    }
    default:
      return step();
  }
}

function inTransaction(steps: readonly Step[], isRolledBack: boolean): Write {
  return {
    what: `transaction${isRolledBack ? ' rolled back' : ''} of ${steps.map(({ what }) => what).join('; ')}`,
    run: (db) =>
      passing(
        db.transaction(async (tx) => {
          for (const { run } of steps) await run(tx);
          if (isRolledBack) throw thrown;
        }),
      ),
  };
}

function savepoint(lost: Step, kept: Step): Write {
  return {
    what: `transaction with a savepoint rolled back of ${lost.what}; then ${kept.what}`,
    run: (db) =>
      db.transaction(async (tx) => {
        const inner = tx.transaction(async (inner) => {
          await lost.run(inner);
          throw thrown;
        });
        await inner.catch(() => undefined);
        await kept.run(tx);
      }),
  };
}

const passing = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => {
    if (error !== thrown) throw error;
  });

interface Built {
  readonly what: string;
  build(db: On): unknown;
  run(db: On): Promise<unknown>;
}

function drawBuilt(random: SeededRandom, schema: GeneratedSchema): Built {
  const tables = schema.relations.filter(({ isTable }) => isTable);
  const table = random.pick(tables)?.name ?? 't0';
  const id = random.below(IDS + 2);
  const set = random.pick([
    { n: random.below(100) },
    { grp: random.below(GROUPS) },
    { owner: subjectOf(random.below(USERS)) },
    { parent: random.below(IDS) },
    { id: random.below(IDS + 6) },
  ]) as { n: number };
  const row = {
    id,
    n: random.below(100),
    owner: subjectOf(random.below(USERS)),
    grp: id % GROUPS,
    parent: null,
  };
  const filters = random.chance(0.7) ? { id } : { grp: random.below(GROUPS) };
  const told = (name: string, of: object): string => `${name} ${table} ${JSON.stringify(of)}`;
  switch (random.below(5)) {
    case 0:
      return {
        what: told('insert', row),
        build: (db) => db.build.insert(table, row),
        run: (db) => db.insert(table, row),
      };
    case 1:
      return {
        what: told('upsert', row),
        build: (db) => db.build.upsert(table, row),
        run: (db) => db.upsert(table, row),
      };
    case 2:
      return {
        what: told('delete', filters),
        build: (db) => db.build.delete(table, { filters }),
        run: (db) => db.delete(table, { filters }),
      };
    default:
      return {
        what: told('update', { set, filters }),
        build: (db) => db.build.update(table, set, { filters }),
        run: (db) => db.update(table, set, { filters }),
      };
  }
}

function drawStep(random: SeededRandom, schema: GeneratedSchema): Step {
  const group = random.below(GROUPS);
  const number = random.below(100);
  switch (random.below(9)) {
    case 0: {
      const [table, u] = [random.pick(schema.members) ?? 'm0', random.below(USERS)];
      const filters = { user_id: subjectOf(u), grp: group };
      return random.chance(0.5)
        ? { what: `delete ${table} ${u} ${group}`, run: (db) => db.delete(table, { filters }) }
        : {
            what: `insert ${table} ${u} ${group}`,
            run: (db) => db.insert(table, { id: number, n: u, ...filters }),
          };
    }
    case 1: {
      const fn = random.pick(schema.changes) ?? 'w0';
      return { what: `${fn}(${group}, ${number})`, run: (db) => db.rpc(fn, { g: group, v: number }) };
    }
    case 2: {
      if (random.chance(0.5)) return drawBuilt(random, schema);
      const { what, run } = drawRaw(random, schema, group, number);
      return { what, run };
    }
    default:
      return drawBuilt(random, schema);
  }
}

function drawRaw(random: SeededRandom, schema: GeneratedSchema, group: number, number: number): Step {
  const plain = schema.relations.filter(({ name }) => /^t\d$/.test(name));
  const table = `${schema.name}.${random.pick(plain)?.name ?? 't0'}`;
  const name = identifier(...(table.split('.') as [string, string]));
  switch (random.below(4)) {
    case 0:
      return { what: `truncate ${table} cascade`, run: (db) => db.sql`truncate ${name} cascade` };
    case 1:
      return {
        what: `declared update of ${table} ${group} ${number}`,
        run: (db) => db.sql({ writes: [table] })`update ${name} set n = ${number} where grp = ${group}`,
      };
    case 2:
      return {
        what: `insert of ${table} by raw SQL`,
        run: (db) =>
          db.sql`insert into ${name} (id, n, owner, grp) select i, i, ${subjectOf(0)}::uuid, i % ${GROUPS}::int
            from generate_series(0, ${IDS}::int) i on conflict do nothing`,
      };
    default:
      return {
        what: `update of ${table} ${group} ${number}`,
        run: (db) => db.sql`update ${name} set n = ${number}::int + id where grp = ${group}`,
      };
  }
}
