import { afterEach, describe, expect, it } from 'vitest';
import { DatabaseError, ServiceError } from '../../contract/errors.ts';
import { addCallerFrames } from './caller-frames.ts';

/** Made somewhere else than where it is told. */
function madeElsewhere(): ServiceError {
  const error = new ServiceError('It failed.');
  error.stack = `${error.name}: It failed.\n    at somewhere (else.ts:1:1)`;
  return error;
}

function theCaller(error: unknown): void {
  addCallerFrames(error);
}

const { prepareStackTrace } = Error;

afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace;
});

describe('the stack of an error', () => {
  it('names who made the call, behind where the error was made', () => {
    const error = madeElsewhere();
    theCaller(error);
    expect(error.stack).toMatch(
      /^ServiceError: It failed\.\n {4}at somewhere \(else\.ts:1:1\)\n {4}at theCaller /,
    );
  });

  it('names no place twice, and only the first of several callers', () => {
    const error = new ServiceError('It failed.');
    const { stack: before = '' } = error;
    theCaller(error);
    const { stack = '' } = error;
    const added = stack.slice(before.length + 1).split('\n');
    expect(added[0]).toContain('at theCaller ');
    expect(added.filter((frame) => before.includes(frame))).toEqual([]);
    (function another() {
      addCallerFrames(error);
    })();
    expect(error.stack).toBe(stack);
    expect(stack).not.toContain('another');
  });

  it('is written only when it is read, and only once', () => {
    let written = 0;
    const error = new ServiceError('It failed.');
    Error.prepareStackTrace = () => {
      written += 1;
      return 'Error\n    at written';
    };
    theCaller(error);
    expect(written).toBe(0);
    expect(error.stack).toContain('at written');
    const once = written;
    expect(once).toBeGreaterThan(0);
    void error.stack;
    expect(written).toBe(once);
  });

  it('can be replaced, is not enumerable, and is copied to other threads', () => {
    const error = madeElsewhere();
    theCaller(error);
    expect(Object.keys(error)).not.toContain('stack');
    expect(structuredClone(error).stack).toBe(error.stack);
    error.stack = 'another';
    expect(error.stack).toBe('another');
  });

  it('is left alone where the error is none of this package', () => {
    const error = new TypeError('It failed.');
    const { stack } = error;
    theCaller(error);
    theCaller('a text');
    expect(error.stack).toBe(stack);
    expect(error).not.toBeInstanceOf(DatabaseError);
  });
});
