/** The tag that answers a command of ours: as a rule the word that it begins with. */
export function tagOf(command: string): string {
  const [word = ''] = command.split(' ', 1);
  if (word === 'close') return command === 'close all' ? 'CLOSE CURSOR ALL' : 'CLOSE CURSOR';
  if (command.startsWith('set constraints ')) return 'SET CONSTRAINTS';
  if (word === 'select') return 'SELECT 1';
  return (word === 'discard' ? command : word).toUpperCase();
}

/** A transaction that has failed answers COMMIT with ROLLBACK. */
export function answersCommand(tag: string, due: string): boolean {
  return tag === due || (due === 'COMMIT' && tag === 'ROLLBACK');
}

/** `INSERT 0 3`, `UPDATE 3`, `SELECT 3`: the last word; 0 for tags without a number. */
export function countOf(tag: string): number {
  const count = Number(tag.slice(tag.lastIndexOf(' ') + 1));
  return Number.isInteger(count) ? count : 0;
}
