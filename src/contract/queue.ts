import { keepShape } from './kept-shapes.ts';

/**
 * First in, first out, and any member can leave from any place, in constant time.
 *
 * Why not a Set: when a Set grows, V8 keeps a pointer from its old table to the new one. An old table keeps
 * everything in the later ones alive until the next full collection. Under load that was 8 MB for each
 * collection of young objects (`node --trace-gc` shows it). Here a member that has left points to nothing.
 */
export class Queue<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#first?.value;
  }

  /** Appends a member. Use the place to remove it. */
  add(value: T): Place<T> {
    const place = new Place(value);
    const last = this.#last;
    place.before = last;
    if (last === undefined) this.#first = place;
    else last.after = place;
    this.#last = place;
    this.#size += 1;
    return place;
  }

  /** False if it was already removed. */
  remove(place: Place<T>): boolean {
    if (place.value === undefined) return false;
    const { before, after } = place;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    place.value = undefined;
    place.before = undefined;
    place.after = undefined;
    this.#size -= 1;
    return true;
  }

  /** The current members; a copy, so that they can leave during a loop. */
  members(): T[] {
    const members: T[] = [];
    for (let place = this.#first; place !== undefined; place = place.after) members.push(place.value as T);
    return members;
  }
}

/** A member's place in a queue; belongs to the queue that returned it. */
export class Place<T> {
  value: T | undefined;
  before: Place<T> | undefined;
  after: Place<T> | undefined;

  constructor(value: T) {
    this.value = value;
  }
}

keepShape(new Place<undefined>(undefined));
