import { ValidationError } from '../../contract/errors.ts';

/**
 * A pattern of `like` as a POSIX regular expression. The Data API reads a star in a pattern of `like` as `%` and has no way to
 * escape it, so a pattern with a star in it goes as a regular expression.
 */
export function likeAsRegex(pattern: string): string {
  let regex = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '%') regex += '.*';
    else if (character === '_') regex += '.';
    else if (character !== '\\') regex += plain(character);
    else {
      at++;
      const next = pattern[at];
      if (next === undefined) {
        throw new ValidationError(
          'The pattern of op.like and op.ilike must not end with a single backslash.',
          {
            code: 'INVALID_VALUE',
          },
        );
      }
      regex += plain(next);
    }
  }
  // `***:` makes it an advanced expression whatever the server's setting; there `.` is any character, and `^` and `$` the ends.
  return `***:^${regex}$`;
}

function plain(character: string): string {
  return /[\^$.[\]|()?*+{}\\]/.test(character) ? `\\${character}` : character;
}
