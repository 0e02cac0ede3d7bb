import { assertBindable } from '../../contract/bound-values.ts';
import { UsageError } from '../../contract/errors.ts';
import { encodeJson } from '../values/encode-json.ts';
import { encodeLoose } from '../values/encode-loose.ts';
import { JsonText } from '../values/json-text.ts';
import { quoteForeignName } from './foreign-name.ts';

/** The content of a fragment: SQL text, values and identifiers in their order. */
type FragmentNode =
  | { readonly kind: 'template'; readonly strings: TemplateStringsArray; readonly parts: readonly unknown[] }
  | { readonly kind: 'identifier'; readonly text: string }
  | {
      readonly kind: 'join';
      readonly fragments: readonly (Fragment | JsonText)[];
      readonly separator: Fragment | undefined;
    };

/**
 * A piece of SQL with its values. Its only SQL text is the text between backticks in the source code of the
 * application, and quoted identifiers. Everything else is bound.
 *
 * The brand is a private field, so that no parsed JSON can be a fragment.
 */
export class Fragment {
  readonly #node: FragmentNode;

  constructor(node: FragmentNode) {
    this.#node = node;
  }

  /** The node of a real fragment; undefined for everything else. */
  static read(value: unknown): FragmentNode | undefined {
    return typeof value === 'object' && value !== null && #node in value ? value.#node : undefined;
  }
}

/**
 * A composable piece of SQL. Values between `${` and `}` are bound, never inserted as text; other fragments become part of
 * the text.
 *
 * Throws UsageError if it is called as a function with text that is not a template.
 *
 * @example
 * ```ts
 * const mine = fragment`owner_id = ${me}`;
 * await db.sql`select ${identifier('title')} from trips where ${join([mine, fragment`status = 'booked'`], fragment` and `)}`;
 * ```
 */
export function fragment(strings: TemplateStringsArray, ...parts: readonly unknown[]): Fragment {
  return templateOf(strings, parts);
}

/** The same of values that are in an array already. */
export function templateOf(strings: TemplateStringsArray, parts: readonly unknown[]): Fragment {
  if (!isTemplate(strings)) {
    throw new UsageError('SQL must be written as a template: fragment`…`. Other text is not accepted.');
  }
  return new Fragment({ kind: 'template', strings, parts });
}

/**
 * Names as one quoted, dotted identifier: `identifier('public', 'trips')` is `"public"."trips"`.
 *
 * The given text becomes only a name. The database decides whether it exists and who may see
 * it. Throws UsageError for an empty name, U+0000 or more than 63 bytes.
 */
export function identifier(...names: readonly string[]): Fragment {
  if (names.length === 0) throw new UsageError('identifier needs at least one name.');
  return new Fragment({ kind: 'identifier', text: names.map(quoteForeignName).join('.') });
}

/**
 * Joins fragments, with `, ` between them unless another separator is given.
 *
 * Throws UsageError for an empty list, which is almost never valid SQL.
 */
export function join(fragments: readonly (Fragment | JsonText)[], separator?: Fragment): Fragment {
  if (!Array.isArray(fragments) || fragments.length === 0) {
    throw new UsageError('join needs an array of at least one fragment.');
  }
  const all: readonly unknown[] = separator === undefined ? fragments : [...fragments, separator];
  if (all.some((one) => Fragment.read(one) === undefined && JsonText.read(one) === undefined)) {
    throw new UsageError(
      'join accepts only fragments made by fragment`…`, identifier(…), json(…) or join(…).',
    );
  }
  return new Fragment({ kind: 'join', fragments: [...fragments], separator });
}

/**
 * A value as JSON: in raw SQL, where arrays and strings are otherwise bound as arrays and text, and as the value of a json
 * column, argument or filter, where `json(null)` is JSON null and null alone is SQL null.
 *
 * Throws ValidationError, which names the path, for what JSON cannot represent.
 *
 * @example
 * ```ts
 * await db.sql`select ${json(['a', null])}::jsonb`;
 * await db.update('trips', { metadata: json(null) }, { filters: { id } });
 * ```
 */
export function json(value: unknown): JsonText {
  return new JsonText(encodeJson(value, 'json(…)'));
}

function isTemplate(strings: unknown): strings is TemplateStringsArray {
  return (
    Array.isArray(strings) && Array.isArray((strings as { raw?: unknown }).raw) && Object.isFrozen(strings)
  );
}

/** Maximum depth of nested fragments. */
const MAX_DEPTH = 100;

/** SQL text of a fragment with its parameters numbered through, and their values. */
export function render(whole: Fragment): {
  readonly text: string;
  readonly values: readonly (string | null)[];
} {
  const values: (string | null)[] = [];
  const bind = (value: string | null): string => {
    values.push(value);
    assertBindable(values.length);
    return `$${values.length}`;
  };
  const write = (one: Fragment | JsonText, depth: number): string => {
    if (depth > MAX_DEPTH) throw new UsageError(`Fragments can be nested at most ${MAX_DEPTH} levels deep.`);
    const json = JsonText.read(one);
    if (json !== undefined) return bind(json);
    const node = Fragment.read(one);
    if (node === undefined) throw new UsageError('A fragment was expected.');
    switch (node.kind) {
      case 'identifier':
        return node.text;
      case 'join':
        return node.fragments
          .map((item, index) =>
            index === 0 || node.separator === undefined
              ? `${index === 0 ? '' : ', '}${write(item, depth + 1)}`
              : `${write(node.separator, depth + 1)}${write(item, depth + 1)}`,
          )
          .join('');
      case 'template': {
        let text = cooked(node.strings, 0);
        node.parts.forEach((part, index) => {
          if (Array.isArray(part) && LIST_OPENS.test(text)) throw arrayInList(index + 1);
          text +=
            Fragment.read(part) === undefined
              ? bind(encodeLoose(part, `Value ${index + 1} of the SQL`))
              : write(part as Fragment, depth + 1);
          text += cooked(node.strings, index + 1);
        });
        return text;
      }
    }
  };
  return { text: write(whole, 0), values };
}

const LIST_OPENS = /\bin\s*\(\s*$/i;

/** It would be compared as one value of an array type: a list of texts would match nothing, without an error. */
function arrayInList(position: number): UsageError {
  return new UsageError(
    `Value ${position} of the SQL is an array in a list. An array is bound as one value: write "= any(\${…})" instead of "in (\${…})", and "<> all(\${…})" instead of "not in (\${…})".`,
    { code: 'MISPLACED_VALUE' },
  );
}

/** An escape that JavaScript cannot read makes a string undefined. */
function cooked(strings: TemplateStringsArray, index: number): string {
  const text = strings[index];
  if (text === undefined) throw new UsageError('The SQL template contains an invalid escape sequence.');
  return text;
}
