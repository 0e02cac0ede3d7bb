import { childrenOf, isNode, nodesIn, type TreeNode, type TreeValue, textOf } from './node-tree.ts';

/** Calls of functions in a condition that the server makes for each row although their answer is the same for all. */
export function callsPerRow(
  condition: TreeValue | undefined,
  functions: ReadonlySet<string>,
): readonly string[] {
  const found = new Set<string>();
  const visit = (node: TreeNode, isInitPlan: boolean): void => {
    const fn = node.node === 'FUNCEXPR' ? textOf(node, 'funcid') : undefined;
    if (fn !== undefined && functions.has(fn) && !isInitPlan) found.add(fn);
    // `(select auth.uid())`: a query without relations is answered once, before the first row.
    const within = node.node === 'QUERY' ? nodesIn(node.fields.get('rtable')).length === 0 : isInitPlan;
    for (const child of childrenOf(node)) visit(child, within);
  };
  for (const node of nodesIn(condition)) visit(node, false);
  return [...found];
}

/**
 * It is true for each row, as `true` and `1 = 1` are.
 *
 * @param equals OIDs of the operators named `=`
 */
export function isAlwaysTrue(condition: TreeValue | undefined, equals: ReadonlySet<string>): boolean {
  return isNode(condition) && truthOf(condition, equals) === true;
}

function truthOf(node: TreeNode, equals: ReadonlySet<string>): boolean | undefined {
  const parts = nodesIn(node.fields.get('args'));
  switch (node.node) {
    case 'CONST':
      if (textOf(node, 'consttype') !== BOOLEAN) return undefined;
      return byteOf(node) === '1' ? true : byteOf(node) === '0' ? false : undefined;
    case 'BOOLEXPR': {
      const truths = parts.map((part) => truthOf(part, equals));
      const kind = textOf(node, 'boolop');
      if (kind === 'not') return truths[0] === undefined ? undefined : !truths[0];
      const deciding = kind === 'or';
      if (truths.includes(deciding)) return deciding;
      return truths.includes(undefined) ? undefined : !deciding;
    }
    case 'OPEXPR': {
      const [left, right] = parts;
      if (!equals.has(textOf(node, 'opno') ?? '') || left?.node !== 'CONST' || right?.node !== 'CONST')
        return undefined;
      return shown(left) === shown(right) ? true : undefined;
    }
    default:
      return undefined;
  }
}

const BOOLEAN = '16';

/** `:constvalue 1 [ 1 0 0 0 0 0 0 0 ]` */
function byteOf({ fields }: TreeNode): string | undefined {
  const value = fields.get('constvalue');
  return Array.isArray(value) && typeof value[2] === 'string' ? value[2] : undefined;
}

function shown({ fields }: TreeNode): string {
  return JSON.stringify([fields.get('consttype'), fields.get('constvalue')]);
}

interface ComparedColumns {
  /** Numbers of the columns whose index would find the rows; empty where an index finds them already. */
  readonly missing: ReadonlySet<number>;
  /** An index narrows the rows down. */
  readonly isIndexed: boolean;
}

/**
 * The columns that a condition compares with what depends on the caller, and that no index begins with. Of conditions
 * joined by `and` one index is enough; of those joined by `or` each needs its own.
 *
 * @param equals OIDs of the operators named `=`
 * @param indexed numbers of the columns that an index of the table begins with
 */
export function comparedColumns(
  condition: TreeValue | undefined,
  equals: ReadonlySet<string>,
  indexed: ReadonlySet<number>,
): ComparedColumns {
  if (!isNode(condition)) return NOTHING;
  const parts = nodesIn(condition.fields.get('args'));
  if (condition.node === 'BOOLEXPR') {
    const found = parts.map((part) => comparedColumns(part, equals, indexed));
    const missing = new Set(found.flatMap((each) => [...each.missing]));
    const kind = textOf(condition, 'boolop');
    if (kind === 'and') {
      const isIndexed = found.some((each) => each.isIndexed);
      return { isIndexed, missing: isIndexed ? new Set() : missing };
    }
    return { isIndexed: kind === 'or' && found.every((each) => each.isIndexed), missing };
  }
  const isComparison = condition.node === 'OPEXPR' || condition.node === 'SCALARARRAYOPEXPR';
  if (!isComparison || !equals.has(textOf(condition, 'opno') ?? '')) return NOTHING;
  const columns = parts.map(columnOf);
  const place = columns.findIndex((column) => column !== undefined);
  const column = columns[place];
  if (column === undefined || !parts.some((part, at) => at !== place && dependsOnCaller(part)))
    return NOTHING;
  const isIndexed = indexed.has(column);
  return { isIndexed, missing: isIndexed ? new Set() : new Set([column]) };
}

const NOTHING: ComparedColumns = { missing: new Set(), isIndexed: false };

/** A column of the table itself, also one that is cast without a change of its bytes. */
function columnOf(node: TreeNode): number | undefined {
  if (node.node === 'RELABELTYPE') return nodesIn(node.fields.get('arg')).map(columnOf)[0];
  if (node.node !== 'VAR' || textOf(node, 'varlevelsup') !== '0') return undefined;
  return Number(textOf(node, 'varattno'));
}

function dependsOnCaller(node: TreeNode): boolean {
  return node.node === 'SUBLINK' || node.node === 'FUNCEXPR' || childrenOf(node).some(dependsOnCaller);
}
