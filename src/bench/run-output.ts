export interface Output {
  line(text?: string): void;
  /** The current step: a line that the next one replaces. Prints nothing if the output is not a terminal. */
  progress(text: string): void;
}

const ERASE_LINE = '\r\u001b[2K';

/** Tables go to standard output, progress to standard error, so that a redirected table has no progress in it. */
export function terminalOutput(): Output {
  let pending = false;
  return {
    line(text = '') {
      if (pending) process.stderr.write(ERASE_LINE);
      pending = false;
      process.stdout.write(`${text}\n`);
    },
    progress(text) {
      if (!process.stderr.isTTY) return;
      process.stderr.write(ERASE_LINE + text.slice(0, (process.stderr.columns ?? 80) - 1));
      pending = true;
    },
  };
}
