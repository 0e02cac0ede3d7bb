/**
 * What Supavisor was seen to do with a text parameter that holds U+0000: it executed bytes of that parameter as
 * protocol messages, under the login role. Here: the value ends at the zero byte, what follows it within the value goes to
 * the server as messages of its own.
 */
import { MalformedBytesError, MessageReader, readBind, type TypedMessage } from './message-reader.ts';
import { frontend } from './protocol-messages.ts';

/** The messages that reach the server instead of this Bind; undefined when no value holds a zero byte. */
export function smuggleAfterNul(sent: TypedMessage): TypedMessage[] | undefined {
  if (sent.code !== 'B') return undefined;
  const bound = readBind(sent.body);
  const smuggled: Buffer[] = [];
  const values = bound.values.map((value) => {
    const at = value?.indexOf(0) ?? -1;
    if (value === null || at === -1) return value;
    smuggled.push(value.subarray(at + 1));
    return value.subarray(0, at);
  });
  if (smuggled.length === 0) return undefined;
  const cut = new MessageReader().push(frontend.bind({ ...bound, values }));
  return [...cut, ...smuggled.flatMap(messagesIn)];
}

/** Bytes that are no messages are left out: the fake keeps its own connection to the server in step. */
function messagesIn(bytes: Buffer): TypedMessage[] {
  try {
    return new MessageReader().push(bytes);
  } catch (error) {
    if (!(error instanceof MalformedBytesError)) throw error;
    return [];
  }
}
