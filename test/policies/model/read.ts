import type { Count, Select } from '../operation.ts';
import type { Caller } from './caller.ts';
import { matches, picked } from './matching.ts';
import { mayRead } from './may.ts';
import type { Answer } from './outcome.ts';
import { hasRight } from './rights.ts';
import { COLUMNS, type Row, type Rows, type Table } from './rows.ts';
import { SUMMARY_COLUMNS, summariesFor } from './summaries.ts';
import type { World } from './world.ts';

/** The rows of a table or of the view that a caller may read; undefined without a right on it. */
function readable(world: World, caller: Caller, from: Table | 'trip_summaries'): readonly Row[] | undefined {
  if (from === 'trip_summaries')
    return hasRight.readSummaries(caller) ? summariesFor(world, caller) : undefined;
  return hasRight.read(caller, from) ? readableRows(world, caller, from) : undefined;
}

export function readableRows<T extends Table>(world: World, caller: Caller, table: T): readonly Rows[T][] {
  return world.rowsOf(table).filter((row) => mayRead(world, caller, table, row));
}

export function select(world: World, caller: Caller, { from, where, columns }: Select): Answer {
  const all = from === 'trip_summaries' ? SUMMARY_COLUMNS : COLUMNS[from];
  return (
    readable(world, caller, from)
      ?.filter((row) => matches(row, where))
      .map((row) => picked(row, columns ?? all)) ?? { refused: 'no right' }
  );
}

export function count(world: World, caller: Caller, { from, where }: Count): Answer {
  return (
    readable(world, caller, from)?.filter((row) => matches(row, where)).length ?? { refused: 'no right' }
  );
}
