import { afterAll, afterEach, beforeAll, expect } from 'vitest';

/** Fails the test during which an exception or a rejection reached nobody: in a backend it would end the process. */
export function nothingMayCrash(): void {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => {
    uncaught.push(error);
  };
  beforeAll(() => {
    process.on('uncaughtException', note);
    process.on('unhandledRejection', note);
  });
  afterEach(() => {
    expect(uncaught.splice(0)).toEqual([]);
  });
  afterAll(() => {
    process.off('uncaughtException', note);
    process.off('unhandledRejection', note);
  });
}
