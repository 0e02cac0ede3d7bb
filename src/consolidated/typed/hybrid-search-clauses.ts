import type { TextSearchLanguage } from '../filters/text-search-languages.ts';
import type { Filters } from './filters.ts';
import type { ColumnItem } from './picked-columns.ts';
import type { TextColumnOf, VectorColumnOf } from './relations.ts';
import type { QueryVector } from './vector-search-clauses.ts';

/**
 * What `hybridSearch` takes. The rows that match `text` and those nearest to `vector` are two lists, which reciprocal rank
 * fusion makes one: a row's `score` is the sum of weight / (`rankConstant` + its place) over the lists that have it.
 */
export interface HybridSearchClauses<Row, Item extends ColumnItem<Row>, Info extends boolean | undefined> {
  /**
   * What is searched for, as people type it into search boxes: `"old town" or beach -crowded`. No text is a syntax error. One
   * without words to search for (empty, or only stop words) matches no row, so that the vector alone decides.
   */
  readonly text: string;
  /** The `tsvector` or text column. @defaultValue the only `tsvector` column of the table */
  readonly textColumn?: TextColumnOf<Row>;
  /** Several text columns, searched as one text, instead of `textColumn`. */
  readonly textColumns?: readonly TextColumnOf<Row>[];
  /** Text search configuration: that with which the `tsvector`, or the index, was made. @defaultValue 'english' */
  readonly language?: TextSearchLanguage;
  /** The vector to compare with: finite numbers, as many as the column has dimensions. */
  readonly vector: QueryVector;
  /** The `vector` or `halfvec` column. @defaultValue the only one of the table */
  readonly column?: VectorColumnOf<Row>;
  /** As in `vectorSearch`. @defaultValue 'cosine' */
  readonly metric?: 'cosine' | 'l2' | 'innerProduct' | 'l1';
  /** Maximum number of rows. @defaultValue 10 */
  readonly limit?: number | undefined;
  /**
   * How much each list counts: 0, or a number from 0.000001 to 1000000. A list of weight 0 is not searched; not both can be
   * 0. @defaultValue 1 for each
   */
  readonly weights?: { readonly text?: number | undefined; readonly vector?: number | undefined } | undefined;
  /** The larger, the less the first places count more than those behind them; a whole number from 1. @defaultValue 60 */
  readonly rankConstant?: number;
  /** Rows of each list that are fused, at least `limit`. @defaultValue twice the limit, at least 100 */
  readonly candidates?: number;
  /** Rows that are less similar, in the scale of the metric, are not found by the vector. The text may still find them. */
  readonly similarityThreshold?: number | undefined;
  /** For both lists. @defaultValue all rows that the identity may see */
  readonly filters?: Filters<Row>;
  /** `score`, `similarity` and `textRank` come beside them. @defaultValue all columns */
  readonly columns?: readonly Item[];
  /**
   * How much is done for finding the rows nearest to the vector, as in `vectorSearch`. With a `similarityThreshold` that leaves fewer
   * rows than `candidates`, `balanced` compares all rows, and `fast` may miss some.
   *
   * @defaultValue 'balanced'
   */
  readonly recall?: 'fast' | 'balanced' | 'exact' | undefined;
  /** Answers `{ rows, search }` in place of the rows: `search` tells how those nearest to the vector were found. @defaultValue false */
  readonly info?: Info;
}
