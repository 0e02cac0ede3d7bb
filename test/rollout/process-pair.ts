import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/**
 * Two processes of one program, which answer each message with a report, but for the last one: `{ end: true }`.
 *
 * @typeParam Report what the program says that it sends
 */
export class ProcessPair<Message extends { readonly end?: boolean }, Report> implements AsyncDisposable {
  readonly #children: readonly ChildProcess[];
  /** A process that ended answers no more. */
  readonly #ended = new AbortController();

  /** @param setUp the argument of the program, as JSON */
  constructor(program: URL, setUp: object) {
    this.#children = [1, 2].map(() =>
      fork(program, [JSON.stringify(setUp)], { execArgv: ['--disable-warning=ExperimentalWarning'] }),
    );
    for (const child of this.#children) child.once('exit', () => this.#ended.abort());
  }

  /** The report of each. */
  ask(message: Message): Promise<Report[]> {
    return Promise.all(
      this.#children.map(async (child) => {
        const answer = once(child, 'message', { signal: this.#ended.signal });
        child.send(message);
        const [report] = await answer;
        // What the process sends is a report.
        return report as Report;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exited = once(child, 'exit');
        if (child.connected) child.send({ end: true });
        await exited;
      }),
    );
  }
}
