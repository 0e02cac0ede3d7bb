import { NOTES_PER_PERSON, type NoteKey, PEOPLE_COUNT } from '../notes.ts';
import type { OpenCaching } from './contender.ts';

const NOTES = NOTES_PER_PERSON * PEOPLE_COUNT;

/**
 * Writes ascending numbers into titles, and counts the reads that show an older one than was written, and acknowledged,
 * before the read began.
 */
export class WrittenTitles {
  readonly #open: Pick<OpenCaching, 'read' | 'write'>;
  readonly #acknowledged = new Map<number, number>();
  /** Two writes of one note at once would be applied in an order that nobody knows. */
  readonly #underWay = new Set<number>();
  readonly #nextNumber: () => number;
  #stale = 0;
  #reads = 0;

  /** @param nextNumber of all who write the same notes: what others have written since is not older */
  constructor(open: Pick<OpenCaching, 'read' | 'write'>, nextNumber: () => number) {
    this.#open = open;
    this.#nextNumber = nextNumber;
  }

  async read(key: NoteKey): Promise<void> {
    const expected = this.#acknowledged.get(key.id) ?? 0;
    const title = await this.#open.read(key);
    this.#reads += 1;
    if (title === undefined) throw new Error(`Note ${key.id} is not shown to its owner.`);
    if (numberIn(title) < expected) this.#stale += 1;
  }

  /** Of the note, or of the next one of the same person that nobody writes. */
  async write({ person, id: wanted }: NoteKey): Promise<void> {
    let id = wanted;
    while (this.#underWay.has(id)) id = ((id - 1 + PEOPLE_COUNT) % NOTES) + 1;
    const number = this.#nextNumber();
    this.#underWay.add(id);
    try {
      await this.#open.write({ person, id }, `version ${number}`);
      this.#acknowledged.set(id, number);
    } finally {
      this.#underWay.delete(id);
    }
  }

  get stale(): number {
    return this.#stale;
  }

  get reads(): number {
    return this.#reads;
  }
}

/** 0 for a title of the seed. */
function numberIn(title: string): number {
  return title.startsWith('version ') ? Number(title.slice('version '.length)) : 0;
}
