/** JSON text in ASCII only, so that a leaked client_encoding cannot change a claim. */
export function asciiJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Tokens are usually ASCII, and counting bytes is much cheaper than replacing.
  return Buffer.byteLength(json) === json.length ? json : json.replace(EACH_NOT_ASCII, escapeUnit);
}

const EACH_NOT_ASCII = /[\u0080-\uffff]/g;

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
