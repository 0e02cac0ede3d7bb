import { SignJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type DatabaseHandle,
  fragment,
  join,
  type ModeName,
  op,
  path,
  service,
  type TransactionHandle,
  UsageError,
  ValidationError,
} from '../../src/index.ts';
import { describeEveryMode, type EveryMode, MODES, PINNED, refusalOf } from './every-mode.ts';

const SECRET = 'a shared secret of at least thirty-two characters';
const SCHEMA = `
  create table things (id int primary key, name text, tags text[], meta jsonb, at timestamptz, bytes bytea,
    near extensions.vector(2));
  grant all on things to service_role, authenticated;
  create function said(words text[], meta jsonb) returns text immutable language sql as
    'select words::text || meta::text';
`;
const ROWS = `truncate things; insert into things values
  (1, 'one', '{a}', '{"n": 1}', 'epoch', '\\x01', '[1,0]'), (2, 'two', '{b}', '{"n": 2}', 'epoch', '\\x02', '[0,1]')`;

type Db = Omit<DatabaseHandle, 'sql'> & Pick<DatabaseHandle, 'sql'>;

/** Makes a call, and changes what it was given before the call can have been sent. */
interface Given {
  readonly call: (db: Db) => Promise<unknown>;
  readonly change: () => void;
  readonly answer: unknown;
}

/** Each begins with rows 1 and 2. */
const CALLS: Readonly<Record<string, () => Given>> = {
  'the row of insert': () => {
    const row = {
      id: 3,
      name: 'three',
      tags: ['a', 'b'],
      meta: { deep: [{ at: new Date(0) }], price: { toJSON: () => price } },
      at: new Date(0),
      bytes: Buffer.from([1, 2]),
      near: new Float32Array([1, 2]),
    };
    let price = 7;
    return {
      call: (db) => db.insert('things', row),
      change: () => {
        row.name = 'other';
        row.tags.push('c');
        row.meta.deep[0]!.at.setTime(1e12);
        row.meta.deep.push({ at: new Date(1) });
        price = 8;
        row.at.setTime(1e12);
        row.bytes[0] = 9;
        row.near[0] = 9;
        Object.assign(row, { unknown: 1 });
      },
      answer: {
        ...{ id: 3, name: 'three', tags: ['a', 'b'], at: '1970-01-01T00:00:00+00:00', bytes: '\\x0102' },
        meta: { deep: [{ at: '1970-01-01T00:00:00.000Z' }], price: 7 },
        near: '[1,2]',
      },
    };
  },
  'the rows of insert': () => {
    const rows = [{ id: 3, name: 'three' }];
    return {
      call: (db) => db.insert('things', rows, { returning: ['id', 'name'] }),
      change: () => {
        rows[0]!.name = 'other';
        rows.push({ id: 4, name: 'four' });
      },
      answer: [{ id: 3, name: 'three' }],
    };
  },
  'the rows of upsert, and a list of names': () => {
    const rows = [{ id: 1, name: 'new', tags: ['new'] }];
    const update = ['name'];
    return {
      call: (db) => db.upsert('things', rows, { update, returning: ['name', 'tags'] }),
      change: () => {
        rows[0]!.name = 'other';
        update.push('tags');
      },
      answer: [{ name: 'new', tags: ['a'] }],
    };
  },
  'the values, filters and unchanged of update': () => {
    const set = { name: 'new' };
    const filters = { id: 1 };
    const unchanged = { tags: ['a'] };
    return {
      call: (db) => db.update('things', set, { filters, unchanged, returning: ['id', 'name'] }),
      change: () => {
        set.name = 'other';
        filters.id = 2;
        unchanged.tags.push('b');
      },
      answer: [{ id: 1, name: 'new' }],
    };
  },
  'the filters of delete': () => {
    const filters = { id: 1 };
    return {
      call: (db) => db.delete('things', { filters, returning: ['id'] }),
      change: () => {
        filters.id = 2;
      },
      answer: [{ id: 1 }],
    };
  },
  'operators, conditions and paths': () => {
    const tags = ['a'];
    const either = { name: 'one' };
    const meta = { n: 1 };
    const at = new Date(0);
    const columns = ['id'];
    const orderBy = ['id'];
    const filters: unknown[] = [
      { tags: op.contains(tags), meta: op.not(op.neq(meta)), at: op.in([at]) },
      op.or(either, op.not(op.or({ id: op.gt(0) }))),
      path('meta', 'n').as('jsonb').where(op.lte(meta.n)),
    ];
    return {
      call: (db) => db.select('things', { filters: filters as never, columns, orderBy }),
      change: () => {
        tags[0] = 'b';
        either.name = 'two';
        meta.n = 2;
        at.setTime(1);
        columns.push('name');
        orderBy.push('unknown');
        filters.length = 0;
      },
      answer: [{ id: 1 }],
    };
  },
  'the page of a select': () => {
    const after = { id: 1 };
    const order = { column: 'id', direction: 'asc' };
    return {
      call: (db) => db.select('things', { columns: ['id'], orderBy: [order] as never, after }),
      change: () => {
        after.id = 2;
        order.direction = 'desc';
      },
      answer: [{ id: 2 }],
    };
  },
  'a list of values': () => {
    const ids = [1];
    const filters = { id: op.in(ids) };
    return {
      call: (db) => db.count('things', { filters }),
      change: () => {
        ids.push(2);
        filters.id = op.in([1, 2]);
      },
      answer: 1,
    };
  },
  'the arguments of rpc': () => {
    const args = { words: ['a'], meta: { n: [1] } };
    return {
      call: (db) => db.rpc('said', args),
      change: () => {
        args.words.push('b');
        args.meta.n.push(2);
      },
      answer: '{a}{"n": [1]}',
    };
  },
  'the vector of a search': () => {
    const vector = new Float32Array([1, 0]);
    const filters = { name: op.neq('none') };
    return {
      call: (db) => db.vectorSearch('things', { vector, filters, columns: ['id'], limit: 1 }),
      change: () => {
        vector.set([0, 1]);
        filters.name = op.eq('none');
      },
      answer: [{ id: 1, similarity: 1 }],
    };
  },
  'the columns and the weights of a search by text': () => {
    const options = {
      ...{ text: 'one', textColumns: ['name'], vector: [0, 1], columns: ['id'], limit: 1 },
      weights: { vector: 0 },
    };
    return {
      call: (db) => db.hybridSearch('things', options),
      change: () => {
        options.text = 'two';
        options.textColumns[0] = 'id';
        options.vector[0] = 9;
        options.weights.vector = 5;
      },
      answer: [{ id: 1, score: 1 / 61, similarity: 0, textRank: 0.1 }],
    };
  },
  'the values of raw SQL, in fragments too': () => {
    const ids = [1];
    const meta = { n: 1 };
    const bytes = Uint8Array.of(1);
    const both = join([fragment`id = any(${ids}::int[])`, fragment`meta = ${meta}`], fragment` and `);
    return {
      call: (db) => db.sql`select id from things where ${both} and bytes = ${bytes}::bytea`,
      change: () => {
        ids[0] = 2;
        meta.n = 2;
        bytes[0] = 2;
      },
      answer: [{ id: 1 }],
    };
  },
  'the plan of explain': () => {
    const ids = [1];
    const source = fragment`select id from things where id = any(${ids}::int[])`;
    return {
      call: async (db) => /'\{1\}'/.test(await db.explain(source)),
      change: () => ids.push(2),
      answer: true,
    };
  },
};

/** What is sent later than it was described. */
const LATER: typeof CALLS = {
  'the members of a batch': () => {
    const row = { id: 3, name: 'three' };
    let built: unknown[] = [];
    return {
      call: (db) => {
        built = [db.build.insert('things', row, { returning: ['name'] })];
        row.name = 'other';
        built.push(db.build.insert('things', { id: 4, name: 'four' }, { returning: ['name'] }));
        return db.batch(built as never);
      },
      change: () => {
        built.pop();
        row.name = 'another';
      },
      answer: [{ name: 'three' }, { name: 'four' }],
    };
  },
};

/** A stream begins when its first row is requested. */
const STREAMS: typeof CALLS = {
  'the filters of a stream': () => {
    const filters = { id: op.in([1]) };
    return {
      call: async (db) => {
        const rows = db.stream('things', { filters, columns: ['id'], batchSize: 1 });
        filters.id = op.in([2]);
        return all(rows);
      },
      change: () => undefined,
      answer: [{ id: 1 }],
    };
  },
  'the values of a stream of raw SQL': () => {
    const ids = [1];
    return {
      call: async (db) => {
        const rows = db.stream(fragment`select id from things where id = any(${ids}::int[])`);
        ids[0] = 2;
        return all(rows);
      },
      change: () => undefined,
      answer: [{ id: 1 }],
    };
  },
};

async function all(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

async function answered({ call, change, answer }: Given, db: Db): Promise<void> {
  const told = call(db);
  change();
  expect(await told).toEqual(answer);
}

const CASES = Object.entries(CALLS);

describeEveryMode('what a call was given is what runs', SCHEMA, (modes: EveryMode) => {
  describe.each(MODES)('in %s mode', (mode: ModeName) => {
    const isPinned = (PINNED as readonly ModeName[]).includes(mode);
    const cases = [...CASES, ...Object.entries(LATER)].filter(
      ([name]) => isPinned || name !== 'the plan of explain',
    );
    beforeEach(() => modes.query(mode, ROWS));

    it.each(cases)('before the catalog is known: %s', async (_name, given) => {
      await using handle = modes.service(mode);
      await answered(given(), handle.as(service()) as Db);
    });

    it.each(cases)('when it is compiled at once: %s', async (_name, given) => {
      await using handle = modes.service(mode);
      const db = handle.as(service());
      await db.count('things');
      await answered(given(), db as Db);
    });

    it.each(cases)('while a token is verified: %s', async (_name, given) => {
      await using handle = modes.service(mode, { jwt: { secret: SECRET } });
      await handle.as(service()).count('things');
      const token = await new SignJWT({ sub: 'me', aud: 'authenticated' })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(SECRET));
      await answered(given(), handle.withToken(token) as Db);
    });
  });

  describe.each(PINNED)('in %s mode', (mode) => {
    beforeEach(() => modes.query(mode, ROWS));

    it.each([...CASES, ...Object.entries(LATER)])(
      'behind other calls of its transaction: %s',
      async (_name, given) => {
        await using handle = modes.service(mode);
        await handle.as(service()).transaction(async (tx: TransactionHandle) => {
          const before = tx.count('things');
          await answered(given(), tx as unknown as Db);
          await before;
        });
      },
    );

    it.each(Object.entries(STREAMS))('when its first row is requested: %s', async (_name, given) => {
      await using handle = modes.service(mode);
      await answered(given(), handle.as(service()) as Db);
      await handle
        .as(service())
        .transaction((tx: TransactionHandle) => answered(given(), tx as unknown as Db));
    });
  });

  /** What cannot be sent is refused in the same words, whether it is compiled at once or later. */
  const REFUSED: Readonly<Record<string, (db: Db) => Promise<unknown>>> = {
    'a getter of a row that throws': (db) =>
      db.insert('things', {
        id: 3,
        get name(): string {
          throw new RangeError('secret');
        },
      }),
    'a getter of a filter that throws': (db) =>
      db.count('things', {
        filters: {
          get id(): number {
            throw new RangeError('secret');
          },
        },
      }),
    'a getter in JSON that throws': (db) =>
      db.insert('things', {
        id: 3,
        meta: {
          get deep(): number {
            throw new RangeError('secret');
          },
        },
      }),
    'a getter of an argument that throws': (db) =>
      db.rpc('said', {
        get words(): string[] {
          throw new RangeError('secret');
        },
      }),
    'a toJSON that throws': (db) => db.insert('things', { id: 3, meta: { toJSON: JSON.parse } as never }),
    'a circle': (db) => {
      const circle: Record<string, unknown> = {};
      circle.own = circle;
      return db.insert('things', { id: 3, meta: circle as never });
    },
    'a circle of arrays': (db) => {
      const circle: unknown[] = [];
      circle.push(circle);
      return db.insert('things', { id: 3, tags: circle as never });
    },
    'a Map': (db) => db.insert('things', { id: 3, meta: new Map() as never }),
    'an object of a class': (db) => db.insert('things', { id: 3, name: new URL('https://a.b') as never }),
    'what looks like an operator': (db) =>
      db.count('things', { filters: { id: { kind: 'value', name: 'eq', value: 1 } } as never }),
    'an operator as a value': (db) => db.insert('things', { id: 3, meta: op.eq(1) as never }),
    'too many levels': (db) => {
      let deep: unknown = 1;
      for (let level = 0; level < 50_000; level++) deep = [deep];
      return db.insert('things', { id: 3, meta: deep as never });
    },
  };

  it.each(Object.entries(REFUSED))('and is refused in the same words later: %s', async (_name, call) => {
    await using handle = modes.service('direct');
    const db = handle.as(service());
    const later = await refusalOf(() => call(db as Db));
    const atOnce = await refusalOf(() => call(db as Db));
    const inside = await refusalOf(() =>
      db.transaction((tx: TransactionHandle) => call(tx as unknown as Db)),
    );
    expect(later.toJSON()).toEqual(atOnce.toJSON());
    expect(inside.toJSON()).toEqual(atOnce.toJSON());
    expect([UsageError, ValidationError]).toContain(atOnce.constructor);
    expect(`${atOnce.stack}`).not.toContain('secret');
  });
});
