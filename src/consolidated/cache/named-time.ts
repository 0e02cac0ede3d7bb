import { type Call, known } from '../call/call.ts';
import { convertedText } from './converted-text.ts';

/** Words that Postgres reads as a day or a time, wherever they stand in a text. */
const WORDS = /\b(?:now|today|tomorrow|yesterday)\b/i;

/** A value of the call is the text of a moment: `{ at: op.lt('now') }` is another question each time. */
export function namesTime(call: Call): boolean {
  return known(call.ready).statements.some(
    ({ values }, statement) =>
      values.some((value) => value !== null && WORDS.test(value)) &&
      call
        .boundBy(statement)
        .some(
          ({ target, texts }) =>
            convertedText(target.type) !== 'alike' && texts.some((text) => text !== null && WORDS.test(text)),
        ),
  );
}
