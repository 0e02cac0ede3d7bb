import { COLUMNS } from './rows.ts';

/** What `search_trips` gives of a trip. */
export const SEARCHED_COLUMNS: readonly string[] = COLUMNS.trips.filter((column) => column !== 'embedding');
