import { expect, it } from 'vitest';
import { childrenOf, isNode, nodesIn, readNodeTree, textOf } from './node-tree.ts';

const OPERATOR =
  '{OPEXPR :opno 96 :args ({VAR :varattno 1 :varlevelsup 0} {CONST :consttype 23 :constvalue 4 [ 1 0 0 0 ]}) :location 10}';

it('reads nodes, their fields and their lists', () => {
  const tree = readNodeTree(OPERATOR);
  if (!isNode(tree)) throw new Error('It is no node.');
  expect([tree.node, textOf(tree, 'opno'), textOf(tree, 'location')]).toEqual(['OPEXPR', '96', '10']);
  expect(childrenOf(tree).map(({ node }) => node)).toEqual(['VAR', 'CONST']);
  expect(nodesIn(tree.fields.get('args'))[1]?.fields.get('constvalue')).toEqual([
    '4',
    '[',
    '1',
    '0',
    '0',
    '0',
    ']',
  ]);
});

it('takes braces and spaces within a name for that', () => {
  const tree = readNodeTree('{ALIAS :aliasname a\\ \\{b\\}\\(c\\) :colnames <>}');
  expect(isNode(tree) && textOf(tree, 'aliasname')).toBe('a\\ \\{b\\}\\(c\\)');
});

it.each(['', '{A :b', '{A :b 1}}', '(1', '{A b}', ')'])('reads nothing in %j', (text) => {
  expect(readNodeTree(text)).toBeUndefined();
});
