import { quotedName } from '../../contract/quoted-name.ts';
import type { Relation } from '../catalog/model.ts';
import type { CompileContext } from '../compile/compiled.ts';
import type { RelationShape } from '../compile/relation-shape.ts';
import type { LearnedSearches } from './learned-searches.ts';
import type { SearchForm } from './search-sql.ts';

/** What a search is compiled against. */
export interface SearchContext extends CompileContext {
  /** What earlier ones have shown; left out where nothing is learned. */
  readonly searches?: LearnedSearches | undefined;
  /** Of the caller, as JSON. */
  readonly claims?: string | undefined;
}

/** How a search is made of which nothing is learned yet. */
export interface OpenChoice {
  readonly form: SearchForm;
  /** An index finds rows by a column of the filter or of a policy. */
  readonly isFound: boolean;
  /** All rows pass. */
  readonly isOpen: boolean;
}

const BY_INDEX: OpenChoice = { form: 'index', isFound: false, isOpen: false };
const BY_COUNT: OpenChoice = { form: 'probed', isFound: false, isOpen: false };
const BY_FOUND: OpenChoice = { form: 'probed', isFound: true, isOpen: false };
const OF_ALL: OpenChoice = { form: 'index', isFound: false, isOpen: true };
const OF_ALL_COUNTED: OpenChoice = { form: 'probed', isFound: false, isOpen: true };

/**
 * Counting the rows that pass pays where it reads few: where an index finds them by a column of the filter or of a policy, and where
 * the table is small.
 */
export function openChoice(
  context: CompileContext,
  shape: RelationShape,
  where: string,
  few: number,
): OpenChoice {
  const { searchable } = shape.relation;
  if (searchable === undefined) return BY_INDEX;
  const { rows = 0, indexedColumns } = searchable;
  if (where === '' && isOpenTo(context, shape.relation)) return rows > few ? OF_ALL : OF_ALL_COUNTED;
  for (const name of indexedColumns) {
    if (isNamed(name, context, shape, where)) return BY_FOUND;
  }
  return rows > few ? BY_INDEX : BY_COUNT;
}

/**
 * Rows among which an index looks for those that pass, by the statistics. Of a table that is partitioned by a column of the filter
 * or of a policy, each part has an index of its own, and Postgres reads few of them.
 */
export function indexedRows(
  context: CompileContext,
  shape: RelationShape,
  where: string,
): number | undefined {
  const { rows, parts = 1, listedBy } = shape.relation.searchable ?? {};
  if (rows === undefined || listedBy === undefined) return rows;
  return isNamed(listedBy, context, shape, where) ? Math.ceil(rows / parts) : rows;
}

/** Whether the filter, or a policy that holds, names the column. */
function isNamed(name: string, context: CompileContext, { relation }: RelationShape, where: string): boolean {
  if (where.includes(`t.${quotedName(name)}`)) return true;
  const ofPolicies = relation.searchable?.policyColumnsByRole.get(context.role);
  return !isOpenTo(context, relation) && ofPolicies?.has(name) === true;
}

/** Policies do not hold for the role. */
export function isOpenTo(
  { catalog, role }: Pick<CompileContext, 'catalog' | 'role'>,
  { mayHideRows }: Relation,
): boolean {
  return !mayHideRows || catalog.bypassesRowSecurity(role);
}

/** Values of filters beyond it are not told apart from others: nothing is learned of them. */
const MAX_CHARACTERS = 256;

/**
 * What a search is asked by, as far as it decides how many rows pass: two with one key are made alike. Undefined for what is too
 * long to be kept.
 *
 * @param asked - the clauses
 * @param filtered - the values of the filters
 */
export function learningKey(
  { role, claims = '' }: SearchContext,
  asked: string,
  filtered: readonly (string | null)[],
  limit: number,
): string | undefined {
  let key = `${Math.ceil(Math.log2(limit))} ${role} ${subjectOf(claims)} ${asked}`;
  let characters = 0;
  for (const value of filtered) {
    key += value === null ? ' n' : ` ${value.length}:${value}`;
    characters += value?.length ?? 0;
  }
  return characters > MAX_CHARACTERS ? undefined : key;
}

/** It decides nothing but how fast an answer is found, so that a glance is enough. */
function subjectOf(claims: string): string {
  return /"sub":"([^"]{1,64})"/.exec(claims)?.[1] ?? '';
}
