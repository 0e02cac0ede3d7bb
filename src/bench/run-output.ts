/** What a run tells while it goes on. */
export interface Output {
  line(text?: string): void;
  /** The current step: a line that the next one replaces. Prints nothing if the output is not a terminal. */
  progress(text: string): void;
}

interface TerminalOutput extends Output {
  /** To standard error, also where that is no terminal. */
  warning(text: string): void;
}

const ERASE_LINE = '\r\u001b[2K';

/** Tables go to standard output, progress to standard error, so that a redirected table has no progress in it. */
export function terminalOutput(): TerminalOutput {
  let pending = false;
  const erase = () => {
    if (pending) process.stderr.write(ERASE_LINE);
    pending = false;
  };
  return {
    line(text = '') {
      erase();
      process.stdout.write(`${text}\n`);
    },
    warning(text) {
      erase();
      process.stderr.write(`Warning: ${text}\n`);
    },
    progress(text) {
      if (!process.stderr.isTTY) return;
      process.stderr.write(ERASE_LINE + text.slice(0, (process.stderr.columns ?? 80) - 1));
      pending = true;
    },
  };
}
