/** One part of what is said. Symbols stand for those that no text, number, boolean or null may be taken for. */
type Word = string | number | boolean | null | symbol;

/** Of a place with what leads to it, besides its word. Measured: 130 where each has one after it, 190 where many have. */
const PLACE_BYTES = 190;

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
    if (this.#bytes > this.#maxBytes) {
      this.#root = new WordNode(undefined, '');
      this.#bytes = 0;
    }
    return this.#root;
  }

  /** @param characters of a text that is kept from now on */
  grown(characters: number): void {
    this.#bytes += PLACE_BYTES + characters;
  }

  get bytes(): number {
    return this.#bytes;
  }
}

/** After some words. */
export class WordNode {
  readonly #before: WordNode | undefined;
  readonly #word: Word;
  /** Most places are followed by one other alone. */
  #nextWord: Word | undefined;
  #next: WordNode | undefined;
  #others: Map<Word, WordNode> | undefined;
  #text: string | undefined;

  constructor(before: WordNode | undefined, word: Word) {
    this.#before = before;
    this.#word = word;
  }

  /** The place after one more word. */
  to(word: Word, tree: WordTree): WordNode {
    if (this.#nextWord === word) return this.#next as WordNode;
    return this.#others?.get(word) ?? this.#grow(word, tree);
  }

  /** Of all words up to here. */
  text(tree: WordTree): string {
    if (this.#text === undefined) {
      this.#text = this.#written();
      tree.grown(this.#text.length);
    }
    return this.#text;
  }

  #grow(word: Word, tree: WordTree): WordNode {
    const place = new WordNode(this, word);
    if (this.#next === undefined) {
      this.#nextWord = word;
      this.#next = place;
    } else {
      this.#others ??= new Map();
      this.#others.set(word, place);
    }
    tree.grown(typeof word === 'string' ? word.length : 0);
    return place;
  }

  #written(): string {
    let text = '';
    for (let place: WordNode = this; place.#before !== undefined; place = place.#before) {
      text = `${written(place.#word)}${text}`;
    }
    return text;
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
