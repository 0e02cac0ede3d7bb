/** What an expression reads: a view, the condition of a policy, the body of a function. */
export interface Expression {
  /** OIDs, in the order in which the text names them. */
  readonly relations: readonly number[];
  readonly calls: readonly ExpressionCall[];
  /** OIDs of types that texts are converted to. */
  readonly conversions: readonly number[];
  /** Nodes of the parse tree that need a closer look, such as `SQLVALUEFUNCTION :op 3`. */
  readonly nodes: readonly string[];
}

export interface ExpressionCall {
  /** OID. */
  readonly fn: number;
  /** For `current_setting()` its argument, for `auth.jwt()` the field that is taken from it, where these are constants. */
  readonly constant: string | undefined;
}

/** @param marks see `EXPRESSION_CTES` */
export function linkExpression(marks: readonly string[]): Expression {
  const relations: number[] = [];
  const calls: ExpressionCall[] = [];
  const conversions: number[] = [];
  const nodes: string[] = [];
  for (const mark of marks) {
    const [, letter, digits, bytes] = /^([rfi])(\d+)(?: ([-0-9 ]+))?$/.exec(mark) ?? [];
    const oid = Number(digits);
    if (letter === 'r') relations.push(oid);
    else if (letter === 'f')
      calls.push({ fn: oid, constant: bytes === undefined ? undefined : textOf(bytes) });
    else if (letter === 'i') conversions.push(oid);
    else nodes.push(mark.startsWith('n') ? mark.slice(1) : mark);
  }
  return { relations, calls, conversions, nodes };
}

/** Stored values print as signed bytes; those of a text are behind four that hold its length. */
function textOf(bytes: string): string {
  return Buffer.from(
    bytes
      .split(' ')
      .slice(4)
      .map((byte) => Number(byte) & 0xff),
  ).toString('utf8');
}
