/** JSON text in ASCII only, so that a leaked client_encoding cannot change a claim. */
export function asciiJson(value: unknown): string {
  const json = ownJson(value);
  // Tokens are usually ASCII, and counting bytes is much cheaper than replacing.
  return Buffer.byteLength(json) === json.length ? json : json.replace(EACH_NOT_ASCII, escapeUnit);
}

/** As `JSON.stringify` writes plain values, but of own properties only: no `toJSON` of any prototype is called. */
function ownJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(ownJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const object = value as Readonly<Record<string, unknown>>;
  return `{${Object.keys(object)
    .map((key) => `${JSON.stringify(key)}:${ownJson(object[key])}`)
    .join(',')}}`;
}

const EACH_NOT_ASCII = /[\u0080-\uffff]/g;

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
