import { PrismaPg } from '@prisma/adapter-pg';
import type { Target } from '../contender.ts';
import type { Person } from '../notes.ts';
import type { SuiteClient } from '../suite/contender.ts';
import { vectorText } from '../suite/contenders/statements.ts';
import { Prisma, PrismaClient } from './generated/client.ts';

const LATEST: Prisma.TripOrderByWithRelationInput[] = [{ starts_on: 'desc' }, { id: 'desc' }];
/** Whoever else is measured waits for a connection as long as it takes. */
const PATIENCE = { maxWait: 60_000, timeout: 60_000 };

interface Place {
  readonly id: bigint;
}

export function openPrisma({ url, connections }: Target): SuiteClient {
  const adapter = new PrismaPg({ connectionString: url, max: connections, idleTimeoutMillis: 0 });
  const prisma = new PrismaClient({ adapter, transactionOptions: PATIENCE });
  const as = (person: Person) => prisma.$extends(forUser(person));
  const rawAs = async <Row>(person: Person, query: Prisma.Sql): Promise<readonly Row[]> => {
    const [, rows] = await prisma.$transaction([
      prisma.$executeRaw(actAs(person)),
      prisma.$queryRaw<Row[]>(query),
    ]);
    return rows;
  };
  const steps = <T>(person: Person, work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> =>
    prisma.$transaction(async (tx) => {
      await tx.$executeRaw(actAs(person));
      return work(tx);
    });
  return {
    select: ({ person, id }) => as(person).trip.findMany({ where: { id } }),
    selectAgain: ({ person, id }) => as(person).trip.findMany({ where: { id } }),
    list: (person) => as(person).trip.findMany({ orderBy: LATEST, take: 20 }),
    insert: async (person, title) => [await as(person).trip.create({ data: { user_id: person.sub, title } })],
    bulkInsert: async (person, titles) => {
      const data = titles.map((title) => ({ user_id: person.sub, title }));
      return (await as(person).trip.createManyAndReturn({ data, select: { id: true } })).length;
    },
    vectorSearch: (person, vector) => rawAs<Place>(person, nearest(vector, 10)),
    rpc: async (person) => {
      const counted = Prisma.sql`select bench_count_trips('planning') as count`;
      return Number((await rawAs<{ count: bigint }>(person, counted))[0]?.count);
    },
    transaction: ({ person, id }, title) =>
      steps(person, async (tx) => {
        const trips = await tx.trip.findMany({ where: { id } });
        await tx.trip.update({ where: { id }, data: { title }, select: { id: true } });
        await tx.trip.create({ data: { user_id: person.sub, title } });
        return trips;
      }),
    page: ({ person, id, vector }) =>
      steps(person, async (tx) => {
        const trips = await tx.trip.findMany({ where: { id } });
        const latest = await tx.trip.findMany({ orderBy: LATEST, take: 20 });
        await tx.trip.count({ where: { status: 'planning' } });
        await tx.$queryRaw<Place[]>(nearest(vector, 5));
        await tx.trip.create({ data: { user_id: person.sub, title: 'seen' } });
        return [...trips, ...latest];
      }),
    close: () => prisma.$disconnect(),
  };
}

/** As Prisma's own example of row level security does it: an extension that runs each query in a transaction behind its set-up. */
function forUser(person: Person) {
  return Prisma.defineExtension((prisma) =>
    prisma.$extends({
      query: {
        $allModels: {
          async $allOperations({ args, query }) {
            const [, result] = await prisma.$transaction([prisma.$executeRaw(actAs(person)), query(args)]);
            return result;
          },
        },
      },
    }),
  );
}

function actAs({ claims }: Person): Prisma.Sql {
  return Prisma.sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
}

function nearest(vector: readonly number[], limit: number): Prisma.Sql {
  const wanted = Prisma.sql`${vectorText(vector)}::vector`;
  return Prisma.sql`select id, name, 1 - (embedding <=> ${wanted}) as similarity from bench_places
    order by embedding <=> ${wanted} limit ${limit}`;
}
