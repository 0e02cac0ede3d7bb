import { UsageError } from '../../contract/errors.ts';
import type { Binding } from '../compile/binding.ts';
import { shown } from '../compile/did-you-mean.ts';
import { TEXT_SEARCH_LANGUAGES } from '../filters/text-search-languages.ts';

const KNOWN: ReadonlySet<unknown> = new Set(TEXT_SEARCH_LANGUAGES);
/** Never a number, which `regconfig` would take for an OID. */
const WITH_SCHEMA = /^[a-z_][a-z0-9_$]*\.[a-z_][a-z0-9_$]*$/i;

/**
 * The option `language` as an expression of the type `regconfig`. A built-in one is a constant of ours, so that an index
 * on `to_tsvector('english', …)` serves prepared statements too; one of the database is bound.
 *
 * @throws UsageError `UNKNOWN_LANGUAGE`
 */
export function languageSql(language: unknown, binding: Binding): string {
  if (language === undefined) return `'pg_catalog.english'::regconfig`;
  if (KNOWN.has(language)) return `'pg_catalog.${String(language)}'::regconfig`;
  if (typeof language === 'string' && WITH_SCHEMA.test(language)) {
    return `${binding.add(language)}::regconfig`;
  }
  const given = typeof language === 'string' ? shown(language) : `of type ${typeof language}`;
  throw new UsageError(
    `The option 'language' must be one of ${TEXT_SEARCH_LANGUAGES.join(', ')}, or a text search configuration of the database with its schema, such as public.products. It was ${given}.`,
    { code: 'UNKNOWN_LANGUAGE' },
  );
}
