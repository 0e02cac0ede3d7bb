/** A name as an SQL identifier, always quoted, so that keywords and capitals stay what they are. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
