/** A node of an expression as Postgres keeps it (`pg_node_tree`), such as `OPEXPR` or `VAR`. */
export interface TreeNode {
  readonly node: string;
  readonly fields: ReadonlyMap<string, TreeValue>;
}

/** What a field holds: the words of a value, a node, or a list of these. */
export type TreeValue = string | TreeNode | readonly TreeValue[];

/** Braces and parentheses stand alone unless a backslash is before them; so does what is within a word. */
const TOKEN = /[{}()]|(?:\\[\s\S]|[^\s{}()\\])+/g;

/**
 * Reads the text of a `pg_node_tree`. Nothing of it is known here but its form, which is the same in all versions:
 * `{NAME :field value …}` and `(value …)`. Undefined for a text of another form.
 */
export function readNodeTree(text: string): TreeValue | undefined {
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;
  const value = (): TreeValue | undefined => {
    const token = tokens[at++];
    if (token === '(') return list();
    if (token === '{') return node();
    return token === ')' || token === '}' ? undefined : token;
  };
  const list = (): TreeValue | undefined => {
    const values: TreeValue[] = [];
    while (at < tokens.length && tokens[at] !== ')') {
      const next = value();
      if (next === undefined) return undefined;
      values.push(next);
    }
    return tokens[at++] === ')' ? values : undefined;
  };
  const node = (): TreeNode | undefined => {
    const name = tokens[at++];
    const fields = new Map<string, TreeValue>();
    while (tokens[at]?.startsWith(':') === true) {
      const field = tokens[at++]!.slice(1);
      const values: TreeValue[] = [];
      while (at < tokens.length && tokens[at] !== '}' && tokens[at]?.startsWith(':') !== true) {
        const next = value();
        if (next === undefined) return undefined;
        values.push(next);
      }
      fields.set(field, values.length === 1 ? values[0]! : values);
    }
    return name !== undefined && tokens[at++] === '}' ? { node: name, fields } : undefined;
  };
  const tree = value();
  return at === tokens.length ? tree : undefined;
}

export function isNode(value: TreeValue | undefined): value is TreeNode {
  return typeof value === 'object' && 'node' in value;
}

/** The nodes directly beneath a value, through lists. */
export function nodesIn(value: TreeValue | undefined): readonly TreeNode[] {
  if (value === undefined || typeof value === 'string') return [];
  return isNode(value) ? [value] : value.flatMap(nodesIn);
}

/** The nodes directly beneath a node. */
export function childrenOf({ fields }: TreeNode): readonly TreeNode[] {
  return [...fields.values()].flatMap(nodesIn);
}

export function textOf({ fields }: TreeNode, field: string): string | undefined {
  const value = fields.get(field);
  return typeof value === 'string' ? value : undefined;
}
