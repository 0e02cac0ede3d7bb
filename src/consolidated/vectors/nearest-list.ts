import { whereClause } from '../compile/assemble.ts';
import { aliases } from '../compile/wrap-document.ts';
import { type SearchClauses, type SearchForm, searchedRows } from './search-sql.ts';

/**
 * The rows nearest to a vector with their places from 1, as `nearest(c0, …, place)`, and how they were found, as `told(report)`: the
 * parts of a WITH. Rows without a vector, or without a direction that the cosine needs, have no place.
 *
 * The rows are sorted once more by `distance + 0`: by the distance alone the planner takes what an index names for sorted,
 * which in `relaxed_order` it nearly is.
 *
 * The report is made when all of the list was read, and nothing else: what the statement reads beside it says nothing of it. So `told`
 * is to be read before the rest of the statement.
 *
 * @param clauses - whose columns are a key of the relation
 */
export function nearestList(form: SearchForm, clauses: SearchClauses): readonly string[] {
  const { parts, rows, report } = searchedRows(form, clauses);
  const columns = aliases(clauses.width).join(', ');
  // NaN sorts as larger than all numbers, so that it takes the place of none.
  const kept = whereClause(
    `s.distance <> 'NaN'::float8`,
    clauses.threshold === '' ? '' : `${clauses.similarity} >= ${clauses.threshold}`,
  );
  const placed = `select ${columns}, row_number() over (order by s.distance + 0, ${columns}) from (${rows}) as s(${columns}, distance)${kept}`;
  return [
    ...parts,
    `nearest(${columns}, place) as materialized (${placed})`,
    `told(report) as materialized (select ${report} from (select count(*) from nearest) as n)`,
  ];
}
