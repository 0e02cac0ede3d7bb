/** A name as an SQL identifier, always quoted, so that keywords and capital letters are safe. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
