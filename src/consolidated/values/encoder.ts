/**
 * Writes a value, never null, as text for one type. `where` names the place of the value in errors,
 * `modifier` is the column's `atttypmod`, -1 when none.
 */
export type Encoder = (value: unknown, where: string, modifier: number) => string;
