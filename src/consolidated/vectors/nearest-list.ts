import { whereClause } from '../compile/assemble.ts';
import { aliases } from '../compile/wrap-document.ts';
import { type SearchClauses, type SearchForm, searchedRows } from './search-sql.ts';

/**
 * The rows nearest to a vector with their places from 1, as `(c0, …, place)`: for FROM. Rows without a vector, or without a
 * direction that the cosine needs, have no place.
 *
 * The rows are sorted once more by `distance + 0`: by the distance alone the planner takes what an index names for sorted,
 * which in `relaxed_order` it nearly is.
 *
 * @param clauses - whose columns are a key of the relation
 */
export function nearestListSql(form: SearchForm, clauses: SearchClauses): string {
  const { before, rows } = searchedRows(form, clauses);
  const columns = aliases(clauses.width).join(', ');
  // NaN sorts as larger than all numbers, so that it takes the place of none.
  const kept = whereClause(
    `s.distance <> 'NaN'::float8`,
    clauses.threshold === '' ? '' : `${clauses.similarity} >= ${clauses.threshold}`,
  );
  return `${before}select ${columns}, row_number() over (order by s.distance + 0, ${columns}) from (${rows}) as s(${columns}, distance)${kept}`;
}
