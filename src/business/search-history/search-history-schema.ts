import type { Json } from '../json-object.ts';
import type { PopularSearch } from './search.ts';

/** The table and functions of the history, as `supabase gen types` writes them: what `createSearchHistory` asks of a `Database`. */
export interface SearchHistorySchema {
  Tables: {
    search_history: {
      Row: SearchColumns;
      Insert: Partial<Omit<SearchColumns, 'id'>> & Pick<SearchColumns, 'query'> & { id?: never };
      Update: Partial<Omit<SearchColumns, 'id'>> & { id?: never };
    };
  };
  Views: Record<never, never>;
  Functions: {
    popular_searches: {
      Args: { least_users?: number; max_rows?: number; since: string };
      Returns: PopularSearch[];
    };
    purge_searches: { Args: { max_rows: number; older_than_days: number }; Returns: number };
  };
}

/** A row of `search_history`. */
interface SearchColumns {
  filters: NonNullable<Json>;
  id: number;
  query: string;
  result_count: number;
  searched_at: string;
  user_id: string;
}
