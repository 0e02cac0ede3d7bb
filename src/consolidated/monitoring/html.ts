/** HTML that is safe to insert. Only `html` makes it. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Inserted = string | number | Html | undefined | readonly Inserted[];

/** A template whose values are escaped, unless they are HTML of this kind themselves. */
export function html(strings: TemplateStringsArray, ...values: readonly Inserted[]): Html {
  const parts = strings.map((text, i) => (i < values.length ? text + inserted(values[i]) : text));
  return new Html(parts.join(''));
}

function inserted(value: Inserted): string {
  if (value === undefined) return '';
  if (value instanceof Html) return String(value);
  if (typeof value === 'object') return value.map(inserted).join('');
  return escaped(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Whatever is shown elsewhere than where it stands is no text: control characters and overrides of direction. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}
