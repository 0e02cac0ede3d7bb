/** The text search configurations that PostgreSQL 15 and later bring. */
export const TEXT_SEARCH_LANGUAGES = [
  'arabic',
  'armenian',
  'basque',
  'catalan',
  'danish',
  'dutch',
  'english',
  'finnish',
  'french',
  'german',
  'greek',
  'hindi',
  'hungarian',
  'indonesian',
  'irish',
  'italian',
  'lithuanian',
  'nepali',
  'norwegian',
  'portuguese',
  'romanian',
  'russian',
  'serbian',
  'simple',
  'spanish',
  'swedish',
  'tamil',
  'turkish',
  'yiddish',
] as const;

/**
 * A text search configuration: one that every server brings, or one of the database by its name with its schema, such as
 * `public.products`.
 */
export type TextSearchLanguage = (typeof TEXT_SEARCH_LANGUAGES)[number] | `${string}.${string}`;
