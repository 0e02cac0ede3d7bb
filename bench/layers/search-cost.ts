import { createDatabaseService, user } from '../../src/index.ts';
import type { BenchMode } from '../contender.ts';
import { PEOPLE, PEOPLE_COUNT } from '../notes.ts';
import { type CpuPerCall, cpuPerCall } from './cpu-per-call.ts';
import { replayModes } from './replayed-service.ts';

interface SearchSchema {
  public: {
    Tables: {
      bench_spots: {
        Row: { id: number; user_id: string; kind: number; at: string };
        Insert: { id: number; user_id: string; kind: number; at: string };
        Update: { kind?: number };
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: Record<never, never>;
    Enums: Record<never, never>;
    CompositeTypes: Record<never, never>;
  };
}

/** Each person has ten rows of each kind, so that a select and a search answer with as many. */
export const SPOTS_SQL = `
create table if not exists public.bench_spots (
  id int primary key, user_id uuid not null, kind int not null, at extensions.vector(3) not null
);
truncate public.bench_spots;
insert into public.bench_spots
select n, ('00000000-0000-4000-8000-' || lpad(to_hex(n % ${PEOPLE_COUNT}), 12, '0'))::uuid, n / ${PEOPLE_COUNT} / 10,
  format('[%s,%s,1]', n % 97, n % 89)::extensions.vector
from generate_series(0, ${PEOPLE_COUNT * 100} - 1) n;
create index if not exists bench_spots_user on public.bench_spots (user_id);
create index if not exists bench_spots_at on public.bench_spots using hnsw (at extensions.vector_cosine_ops);
alter table public.bench_spots enable row level security;
drop policy if exists own on public.bench_spots;
create policy own on public.bench_spots for select to authenticated using ((select auth.uid()) = user_id);
grant select on public.bench_spots to authenticated;
analyze public.bench_spots;
`;

const COLUMNS = ['id', 'kind'] as const;
const LIMIT = 10;

interface SearchCost {
  /** Of the same table, with the same filter and as many rows. */
  readonly select: CpuPerCall;
  readonly search: CpuPerCall;
}

/** What a search takes in the layers above the batch, beside a select. */
export async function searchCost(url: string, mode: BenchMode, rounds: number): Promise<SearchCost> {
  const restore = replayModes();
  const db = createDatabaseService<SearchSchema>({
    [mode]: url,
    pools: { [mode]: { max: 1, idleTimeoutMs: 3_600_000 } },
    onWarning: () => {},
  });
  const who = (n: number) => db.as(user(PEOPLE[n % PEOPLE_COUNT]!.claims));
  try {
    return {
      select: await cpuPerCall(
        (n) => who(n).select('bench_spots', { filters: { kind: n % 10 }, columns: COLUMNS, limit: LIMIT }),
        rounds,
      ),
      search: await cpuPerCall(
        (n) =>
          who(n).vectorSearch('bench_spots', {
            vector: [n % 97, n % 89, 1],
            filters: { kind: n % 10 },
            columns: COLUMNS,
            limit: LIMIT,
          }),
        rounds,
      ),
    };
  } finally {
    await db.close();
    restore();
  }
}
