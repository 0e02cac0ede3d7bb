/** Exit codes that scripts can rely on. */
export const EXIT = {
  ok: 0,
  /** The command failed, or a check found something. */
  failure: 1,
  /** The command line or the environment is wrong; nothing was done. */
  usage: 2,
  /** Stopped by the user or the system; everything was closed. As shells tell SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A signal ended the command. */
export class InterruptedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InterruptedError';
  }
}

/** The command line or the environment is wrong. */
export class CommandLineError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'CommandLineError';
    this.hint = hint;
  }
}
