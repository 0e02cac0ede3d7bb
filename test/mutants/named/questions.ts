import type { NamedMutant } from '../mutant.ts';

const QUESTION = {
  file: 'src/consolidated/cache/question.ts',
  tests: ['src/consolidated/cache/question.test.ts'],
} as const;
const TREE = {
  file: 'src/consolidated/cache/word-tree.ts',
  tests: ['src/consolidated/cache/word-tree.test.ts'],
} as const;
const CACHE = {
  file: 'src/consolidated/cache/read-cache.ts',
  tests: ['src/consolidated/cache/read-cache.test.ts'],
} as const;

/** Keys of answers by what was asked, and the memory that they take. */
export const QUESTIONS: readonly NamedMutant[] = [
  {
    name: 'data in questions',
    guard: 'What a getter answered for the key it may not answer for the statement.',
    file: 'src/consolidated/cache/recall.ts',
    symbol: 'Recall.#keyOf',
    find: ' && isOfData(question)',
    replace: '',
    tests: ['src/consolidated/cache/recall.test.ts'],
  },
  {
    ...QUESTION,
    name: 'question without its reader',
    guard: 'The answer to the question of one reader is not given to another.',
    symbol: 'Questions.keyOf',
    find: 'return place.to(reader, tree).text(tree);',
    replace: 'return place.text(tree);',
  },
  {
    ...QUESTION,
    name: 'columns have an end',
    guard: 'A column is not taken for an option that comes after the columns.',
    symbol: 'afterNames',
    find: 'return place.to(END, tree);',
    replace: 'return place;',
  },
  {
    ...QUESTION,
    name: 'inherited filters',
    guard: 'A question with names by inheritance is left to compilation.',
    symbol: 'afterEntries',
    find: 'if (!isOwn.call(entries, name)) return undefined;',
    replace: '',
  },
  {
    ...TREE,
    name: 'texts by their length',
    guard: 'A text that holds what others are put together with is not taken for two.',
    symbol: 'written',
    find: 'word.length}:',
    replace: "''}:",
  },
  {
    ...TREE,
    name: 'the tree has a bound',
    guard: 'What was asked takes no more memory than it may.',
    symbol: 'WordTree.root',
    find: 'if (this.#bytes > this.#maxBytes) this.forget();',
    replace: '',
  },
  {
    ...CACHE,
    name: 'questions are counted',
    guard: 'The bytes of the cache are those of its answers and of what was asked.',
    symbol: 'ReadCache.constructor',
    find: 'maxSize: maxBytes - forQuestions,',
    replace: 'maxSize: maxBytes,',
  },
  {
    ...CACHE,
    name: 'a flush forgets questions',
    guard: 'A flush lets go of all memory.',
    symbol: 'ReadCache.touch',
    find: 'this.questions.forget();',
    replace: '',
  },
];
