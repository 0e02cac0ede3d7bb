const NAME = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;
const MAX_KEY = 63;
const MAX_PATH = 200;

/**
 * A part of a value that JSON cannot hold. Whoever passes it outwards adds the step that leads to it, so that a value
 * without a fault pays nothing for its path.
 */
export class JsonFault extends Error {
  #path = '';
  /** What stands there: `a Promise`, `NaN`. Never the value. */
  readonly what: string;
  /** Only code makes it, whatever the request: undefined, a function, a Map, a Promise that nobody awaited. */
  readonly isMadeByCode: boolean;

  constructor(what: string, isMadeByCode = false) {
    super(what);
    this.what = what;
    this.isMadeByCode = isMadeByCode;
  }

  /** For a value that JSON cannot hold, by its kind. */
  static of(value: unknown): JsonFault {
    return new JsonFault(unlikeJson(value), typeof value !== 'number');
  }

  /** Adds the step that leads to the fault: the name of a property, or a position in an array. */
  within(step: string | number): this {
    this.#path = `${stepText(step)}${this.#path}`;
    return this;
  }

  /** Where it is, from `root` on: `meta.tags[2]`. Empty if the whole value is the fault and has no name. */
  pathFrom(root: string): string {
    const path = `${root}${this.#path}`;
    const whole = path.startsWith('.') ? path.slice(1) : path;
    return whole.length > MAX_PATH ? `${whole.slice(0, MAX_PATH)}…` : whole;
  }
}

function stepText(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  if (NAME.test(step) && step.length <= MAX_KEY) return `.${step}`;
  return `[${JSON.stringify(step.length > MAX_KEY ? `${step.slice(0, MAX_KEY)}…` : step)}]`;
}

/** What a value is that JSON cannot hold, without the value. */
function unlikeJson(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'undefined';
    case 'number':
      return Number.isNaN(value) ? 'NaN' : 'an infinity';
    case 'object':
      return value instanceof Promise
        ? 'a Promise: await it first'
        : `an object of the class ${classOf(value)}, which has no toJSON`;
    default:
      return `a ${typeof value}`;
  }
}

/** The name stands in the code of a class, not in the value. */
function classOf(value: object | null): string {
  for (let at: unknown = value && Object.getPrototypeOf(value); at; at = Object.getPrototypeOf(at)) {
    const made = Object.getOwnPropertyDescriptor(at, 'constructor')?.value as unknown;
    if (typeof made === 'function' && made.name !== '') return made.name.slice(0, MAX_KEY);
  }
  return 'without a name';
}
