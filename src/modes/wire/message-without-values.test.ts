import { describe, expect, it } from 'vitest';
import { dataFault, withoutValues } from './message-without-values.ts';
import type { ServerMessage } from './messages.ts';

describe('a message of the server', () => {
  it('loses the value that stands in quotes at its end', () => {
    expect(withoutValues('cannot be cast: "hunter2"')).toBe('cannot be cast');
    expect(withoutValues('cannot be cast: "hunter2: "\n"and more"')).toBe('cannot be cast');
  });

  it('loses the values that stand behind =', () => {
    expect(withoutValues('Key (email)=(hunter2) is not present')).toBe('Key (email) is not present');
    expect(withoutValues('Key (a, b)=(1, hunter2\n) is not present')).toBe('Key (a, b) is not present');
  });

  it('keeps names', () => {
    expect(withoutValues('relation "trips" does not exist')).toBe('relation "trips" does not exist');
    expect(withoutValues(undefined)).toBe('no message');
  });
});

describe('what is wrong with a value', () => {
  const say = (code: string, message?: string) => dataFault({ code, message } as ServerMessage);

  it.each([
    ['22P02', 'invalid input syntax for type integer: "hunter2"', 'it is not a valid integer'],
    ['22P02', 'invalid input value for enum mood: "hunter2"', 'its text is not valid for its type'],
    ['22003', 'value "hunter2" is out of range for type integer', 'it is out of range for its type'],
    ['22008', 'date/time field value out of range: "hunter2"', 'the date or time is out of range'],
    ['22001', 'value too long for type character varying(3)', 'value too long for type character varying(3)'],
    ['22012', 'division by zero', 'division by zero'],
  ])('is told in words that hold no value: %s %s', (code, message, told) => {
    expect(say(code, message)).toBe(told);
  });

  it.each(['"hunter2"', '(hunter2)', '= hunter2', '7'])(
    'is told by its code alone where a wording that is not known may hold one: %s',
    (value) => {
      expect(say('22023', `something about ${value}`)).toBe('SQLSTATE 22023');
    },
  );
});
