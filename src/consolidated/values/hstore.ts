import { setOwn } from '../../contract/own-property.ts';
import { columnsChanged } from './columns-changed.ts';
import type { Encoder } from './encoder.ts';
import { isPlainObject } from './plain-object.ts';
import { refuse } from './refuse.ts';
import { assertSendable } from './sendable-text.ts';

const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** An object of text or null as `"a"=>"1","b"=>NULL`; text is passed unchanged. */
export const encodeHstore: Encoder = (value, where) => {
  if (typeof value === 'string') return assertSendable(value, where);
  if (!isPlainObject(value)) {
    return refuse(where, 'an object whose values are text or null, or hstore text', value);
  }
  const pairs = Object.entries(value).map(([key, item]: [string, unknown]) => {
    const name = quoted(assertSendable(key, where));
    if (item === null) return `${name}=>NULL`;
    if (typeof item !== 'string') return refuse(where, 'an object whose values are text or null', item);
    return `${name}=>${quoted(assertSendable(item, where))}`;
  });
  return pairs.join(',');
};

const PAIR = /"((?:[^"\\]|\\.)*)"=>(?:"((?:[^"\\]|\\.)*)"|NULL)(?:, )?/gsy;

/** `"a"=>"1", "b"=>NULL` as the object that Postgres' own cast to json makes of it. */
export function parseHstore(text: string): Record<string, string | null> {
  const result: Record<string, string | null> = {};
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length) {
    const match = PAIR.exec(text);
    if (match === null) throw columnsChanged();
    setOwn(result, unquoted(match[1] ?? ''), match[2] === undefined ? null : unquoted(match[2]));
  }
  return result;
}

function unquoted(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/gs, '$1') : text;
}
