import { own } from '../../contract/own-property.ts';

/** An answer as it stands in the store. */
export interface StoredAnswer {
  readonly value: unknown;
  readonly rows: number;
  /** Milliseconds since its reading began, at most, as long as the store has it: without a common clock it counts as so old. */
  readonly maxAgeMs: number;
  /** By the clock of the day of who put it there: it is not given later, whatever the store says. */
  readonly until: number;
  /** Stamps by their places in the store, as they were before the answer was read. */
  readonly stamps: Readonly<Record<string, string>>;
}

/** Longer ones would hold up this process, and the store, longer than the database does. */
const MAX_CHARACTERS = 1_048_576;
/** What is nested deeper may be more than the stack takes. */
const MAX_LEVELS = 100;

/** Undefined for an answer that would not come back as it is, or is too long. */
export function storedText(answer: StoredAnswer): string | undefined {
  if (answer.value !== undefined && !survives(answer.value, MAX_LEVELS)) return undefined;
  const text = JSON.stringify(answer);
  return text.length > MAX_CHARACTERS ? undefined : text;
}

/** Undefined for what is none. */
export function storedAnswer(text: string): StoredAnswer | undefined {
  let found: Partial<Record<keyof StoredAnswer, unknown>> | null;
  try {
    found = JSON.parse(text) as typeof found;
  } catch {
    return undefined;
  }
  if (typeof found !== 'object' || found === null) return undefined;
  const [rows, maxAgeMs, until, stamps] = (['rows', 'maxAgeMs', 'until', 'stamps'] as const).map((name) =>
    own(found, name),
  );
  const areNumbers = [rows, maxAgeMs, until].every((each) => typeof each === 'number' && each >= 0);
  if (!areNumbers || typeof stamps !== 'object' || stamps === null) return undefined;
  const value = own(found, 'value');
  if (value !== undefined && !survives(value, MAX_LEVELS)) return undefined;
  return { value, rows, maxAgeMs, until, stamps } as StoredAnswer;
}

/**
 * It is the same behind `JSON.parse`.
 *
 * @param levels that it may have
 */
function survives(value: unknown, levels: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      if (value === null) return true;
      if (levels === 0) return false;
      if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return false;
      return Object.values(value).every((each) => survives(each, levels - 1));
    default:
      return false;
  }
}
