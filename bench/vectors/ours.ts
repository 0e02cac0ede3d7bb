import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  DatabaseError,
  user,
} from '../../src/index.ts';
import type { Target } from '../contender.ts';
import { PEOPLE } from '../notes.ts';
import type { OpenSearch, Search, VectorContender, VectorContenderName } from './contender.ts';
import type { TableName } from './search-set.ts';

interface DocumentRow {
  readonly id: number;
  readonly owner: string;
  readonly content: string;
  readonly embedding: string;
}

interface DocumentTable {
  Row: DocumentRow;
  Insert: Partial<DocumentRow>;
  Update: Partial<DocumentRow>;
  Relationships: [];
}

interface VectorSchema {
  public: {
    Tables: Record<TableName, DocumentTable>;
    Views: Record<never, never>;
    Functions: Record<never, never>;
    Enums: Record<never, never>;
    CompositeTypes: Record<never, never>;
  };
}

const COLUMNS = ['id', 'owner', 'content'] as const;

/** Ours as it comes: `balanced` is the default. */
export const oursBalanced = ours(
  'balanced',
  'db.as(user(claims)).vectorSearch(table, { vector, limit })',
  {},
);

export const oursFast = ours('fast', 'the same with recall: ‘fast’', { recall: 'fast' });

function ours(name: VectorContenderName, recipe: string, options: object): VectorContender {
  return { name, recipe, open: (target) => Promise.resolve(opened(target, options)) };
}

function opened(target: Target, options: object): OpenSearch {
  const db = serviceAt(target);
  return {
    search: (search) => found(db, search, options),
    plan: (search) => planOf(db, search, options),
    close: () => db.close(),
  };
}

/** As the search itself tells it: from an index, exact, or exact because the index named too few. */
async function planOf(
  db: ConsolidatedDatabaseService<VectorSchema>,
  search: Search,
  options: object,
): Promise<string> {
  try {
    return readPlan(await found(db, search, { ...options, info: true }));
  } catch (error) {
    if (isUnknownOption(error)) return '';
    throw error;
  }
}

function readPlan(answer: unknown): string {
  const { search } = answer as { readonly search?: { readonly plan?: unknown } };
  return typeof search?.plan === 'string' ? search.plan : '';
}

function serviceAt({ url, mode, connections }: Target): ConsolidatedDatabaseService<VectorSchema> {
  return createDatabaseService<VectorSchema>({
    [mode]: url,
    pools: { [mode]: { max: connections, idleTimeoutMs: 3_600_000 } },
    // The benchmark is about users. It does not matter here that the service role would share their login.
    onWarning: () => {},
  });
}

function found(
  db: ConsolidatedDatabaseService<VectorSchema>,
  { table, person, vector, limit }: Search,
  options: object,
) {
  return db.as(user(person.claims)).vectorSearch(table, { vector, limit, columns: COLUMNS, ...options });
}

/** Whether this version of the service has the option `recall`, and so a `fast` search. */
export async function knowsRecall(target: Target): Promise<boolean> {
  const db = serviceAt(target);
  try {
    await found(db, { table: 'own_documents', person: PEOPLE[0]!, vector: [], limit: 1 }, { recall: 'fast' });
    return true;
  } catch (error) {
    // The options are checked by name first. The vector is none, so that nothing is searched.
    return !isUnknownOption(error);
  } finally {
    await db.close();
  }
}

function isUnknownOption(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === 'UNKNOWN_OPTION';
}
