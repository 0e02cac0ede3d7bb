import { types } from 'node:util';
import type { Claims } from '../../contract/identity.ts';
import { own } from '../../contract/own-property.ts';
import { BoundedCache } from '../values/bounded-cache.ts';
import { isPlainObject } from '../values/plain-object.ts';

const MAX_USERS = 2_000;
/** Of claims as text: with `MAX_USERS`, all of them take some megabytes. */
const MAX_LENGTH = 4 * 1024;

interface Kept<T> {
  readonly claims: Claims;
  /** Of the claims: made when it is first needed, as most users of a large service send one request. */
  outline: Outline | undefined;
  readonly value: T;
}

/**
 * What was made of the latest claims of each user, for the next request with the same token: a service gets claims in
 * a new object each time, and making an identity of them takes longer than comparing them.
 *
 * Invariant: what is given back was made of claims that are equal in all they hold, in the same order. The user's id only
 * finds what to compare with.
 */
export class KeptByClaims<T> {
  readonly #kept = new BoundedCache<string, Kept<T>>({ max: MAX_USERS });

  get(claims: unknown): T | undefined {
    try {
      const sub = subOf(claims);
      const kept = sub === undefined ? undefined : this.#kept.get(sub);
      if (kept === undefined) return undefined;
      kept.outline ??= outlineOf(kept.claims, []);
      return follow(claims, kept.outline, 0) === -1 ? undefined : kept.value;
    } catch {
      // A proxy that throws. Whoever reads it next says so.
      return undefined;
    }
  }

  /**
   * @param claims JSON values, which do not change
   * @param length as text
   */
  set(claims: Claims, length: number, value: T): void {
    const sub = subOf(claims);
    if (sub === undefined || length > MAX_LENGTH) return;
    this.#kept.set(sub, { claims, outline: undefined, value });
  }
}

function subOf(claims: unknown): string | undefined {
  if (typeof claims !== 'object' || claims === null || types.isProxy(claims)) return undefined;
  const sub = own(claims as Claims, 'sub');
  return typeof sub === 'string' ? sub : undefined;
}

const isOwn = Object.prototype.hasOwnProperty;

const OBJECT = Symbol('object');
const ARRAY = Symbol('array');
const END = Symbol('end');

/** All that JSON values hold, one after another: names, values, and where objects and arrays begin and end. */
type Outline = unknown[];

function outlineOf(value: unknown, outline: Outline): Outline {
  if (typeof value !== 'object' || value === null) {
    outline.push(value);
  } else if (Array.isArray(value)) {
    outline.push(ARRAY);
    for (const each of value) outlineOf(each, outline);
    outline.push(END);
  } else {
    outline.push(OBJECT);
    for (const [name, each] of Object.entries(value)) {
      outline.push(name);
      outlineOf(each, outline);
    }
    outline.push(END);
  }
  return outline;
}

/**
 * Reads each value once, as long as all are what the outline says.
 *
 * @returns the place after the value in the outline; -1 where it is another value
 */
function follow(value: unknown, outline: Outline, from: number): number {
  if (typeof value !== 'object' || value === null) return outline[from] === value ? from + 1 : -1;
  // It may answer otherwise when it is read again, to be copied.
  if (types.isProxy(value)) return -1;
  let at = from + 1;
  if (Array.isArray(value)) {
    if (outline[from] !== ARRAY) return -1;
    for (let index = 0; index < value.length && at !== -1; index++) {
      at = follow(value[index], outline, at);
    }
  } else {
    if (outline[from] !== OBJECT || !isPlainObject(value)) return -1;
    // An inherited name that can be enumerated is none of the outline.
    for (const name in value) {
      if (outline[at] !== name || !isOwn.call(value, name)) return -1;
      at = follow(value[name], outline, at + 1);
      if (at === -1) return -1;
    }
  }
  return at !== -1 && outline[at] === END ? at + 1 : -1;
}
