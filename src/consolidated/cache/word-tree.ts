import { textBytes } from './frozen-value.ts';

/** One part of what is said. Symbols stand for those that no text, number, boolean or null may be taken for. */
type Word = string | number | boolean | null | symbol;

/** Measured, with V8: of a node, and of its entry where several follow the same one. */
const NODE_BYTES = 80;
const ENTRY_BYTES = 48;

/**
 * Sequences of words, each with a text that only this sequence has. To find the text of one that was said before takes a
 * comparison for each word; to put it together anew and to look up a fresh text takes ten times as long.
 *
 * Bounded in bytes: at the bound all is forgotten. The same sequence has the same text afterwards.
 */
export class WordTree {
  readonly #maxBytes: number;
  #root = new WordNode(undefined, '');
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Where each sequence begins. */
  root(): WordNode {
    if (this.#bytes > this.#maxBytes) this.forget();
    return this.#root;
  }

  forget(): void {
    this.#root = new WordNode(undefined, '');
    this.#bytes = 0;
  }

  grown(bytes: number): void {
    this.#bytes += bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }
}

/** After some words. */
export class WordNode {
  readonly #before: WordNode | undefined;
  readonly #word: Word;
  /** Most are followed by one other alone. */
  #nextWord: Word | undefined;
  #next: WordNode | undefined;
  #others: Map<Word, WordNode> | undefined;
  #text: string | undefined;

  constructor(before: WordNode | undefined, word: Word) {
    this.#before = before;
    this.#word = word;
  }

  /** After one more word. */
  to(word: Word, tree: WordTree): WordNode {
    if (this.#nextWord === word) return this.#next as WordNode;
    return this.#others?.get(word) ?? this.#grow(word, tree);
  }

  /** Of all words up to here. */
  text(tree: WordTree): string {
    if (this.#text === undefined) {
      this.#text = this.#written();
      tree.grown(textBytes(this.#text));
    }
    return this.#text;
  }

  #grow(word: Word, tree: WordTree): WordNode {
    const node = new WordNode(this, word);
    if (this.#next === undefined) {
      this.#nextWord = word;
      this.#next = node;
    } else {
      this.#others ??= new Map();
      this.#others.set(word, node);
      tree.grown(ENTRY_BYTES);
    }
    tree.grown(NODE_BYTES + (typeof word === 'string' ? textBytes(word) : 0));
    return node;
  }

  #written(): string {
    const parts: string[] = [];
    for (let node: WordNode = this; node.#before !== undefined; node = node.#before) {
      parts.push(written(node.#word));
    }
    // A text that is put together with + keeps all its parts: five times the memory.
    return parts.reverse().join('');
  }
}

/** Each kind begins with another letter, and a text says how long it is. */
function written(word: Word): string {
  switch (typeof word) {
    case 'string':
      return `s${word.length}:${word}`;
    case 'number':
      return `n${word};`;
    case 'boolean':
      return word ? 't' : 'f';
    case 'symbol':
      return `(${word.description})`;
    default:
      return '-';
  }
}
