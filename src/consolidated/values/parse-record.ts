import { columnsChanged } from './columns-changed.ts';

/**
 * Reads Postgres' text of a composite, such as `(1,"a ""b""",)`, into the texts of its attributes.
 * Nothing between commas is null; `""` is empty text.
 */
export function parseRecord(text: string): (string | null)[] {
  if (!text.startsWith('(') || !text.endsWith(')')) throw columnsChanged();
  const fields: (string | null)[] = [];
  let at = 1;
  while (at < text.length) {
    const start = at;
    let field = '';
    let quoted = false;
    for (;;) {
      const char = text[at];
      if (char === undefined) throw columnsChanged();
      if (!quoted && (char === ',' || char === ')')) break;
      at++;
      if (char === '"') {
        // A doubled quote within quotes is one quote; any other opens or closes.
        if (quoted && text[at] === '"') {
          field += '"';
          at++;
        } else quoted = !quoted;
      } else if (char === '\\') field += text[at++] ?? '';
      else field += char;
    }
    fields.push(at === start ? null : field);
    at++;
    if (text[at - 1] === ')') break;
  }
  if (at !== text.length) throw columnsChanged();
  return fields;
}
