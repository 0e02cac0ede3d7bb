import { createInterface } from 'node:readline/promises';

/** A terminal, or what stands in for one. */
interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * Asks a question at the terminal. True for `y` or `yes`; false for all else, and without asking where there is nobody to
 * answer: a script must say beforehand what it wants.
 */
export async function confirm(question: string, terminal?: Terminal): Promise<boolean> {
  return /^y(?:es)?$/i.test(await answerTo(`${question} [y/N] `, terminal));
}

/** Asks for a name at the terminal, so that nobody says yes without having read it. True only for exactly that name. */
export async function confirmName(question: string, name: string, terminal?: Terminal): Promise<boolean> {
  return (await answerTo(`${question} Type ${name} to go on: `, terminal)) === name;
}

/** '' where there is nobody to answer. */
async function answerTo(
  question: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<string> {
  if (input.isTTY !== true || output.isTTY !== true) return '';
  const lines = createInterface({ input, output });
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    return (await Promise.race([lines.question(question), ended])).trim();
  } finally {
    lines.close();
  }
}
