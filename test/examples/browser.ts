import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const Message = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
  params: z.unknown().optional(),
});
const Attached = z.object({ sessionId: z.string() });
const Created = z.object({ targetId: z.string() });
const Evaluated = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z.object({ exception: z.object({ description: z.string() }) }).optional(),
});
const Picture = z.object({ data: z.string() });
const Logged = z.object({ entry: z.object({ level: z.string(), text: z.string() }) });

/** One page in a real Chromium, without its window, by the DevTools protocol. */
export class Browser implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #socket: WebSocket;
  readonly #folder: string;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #logged: string[] = [];
  #session: string | undefined;
  #sent = 0;

  private constructor(process: ChildProcess, socket: WebSocket, folder: string) {
    this.#process = process;
    this.#socket = socket;
    this.#folder = folder;
    socket.addEventListener('message', ({ data }) => this.#receive(String(data)));
  }

  static async open(url: string): Promise<Browser> {
    const folder = mkdtempSync(join(tmpdir(), 'trip-api-browser-'));
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--hide-scrollbars',
    ];
    const chromium = spawn(
      'chromium',
      [...flags, '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    for await (const line of createInterface(chromium.stderr)) {
      const [, address] = /^DevTools listening on (.*)$/.exec(line) ?? [];
      if (address === undefined) continue;
      const socket = new WebSocket(address);
      await once(socket, 'open');
      const browser = new Browser(chromium, socket, folder);
      await browser.#attach(url);
      return browser;
    }
    throw new Error('Chromium ended before it could be reached.');
  }

  /** The value of an expression in the page, awaited. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.#send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    });
    const { result, exceptionDetails } = Evaluated.parse(answer);
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception.description);
    return result.value;
  }

  /** Resolves when the expression is true in the page, which is asked again with each frame. */
  async until(expression: string): Promise<void> {
    await this.evaluate(`new Promise((resolve) => {
      const look = () => ((${expression}) ? resolve(true) : requestAnimationFrame(look));
      look();
    })`);
  }

  async show(width: number, scheme: 'light' | 'dark'): Promise<void> {
    await this.#send('Emulation.setDeviceMetricsOverride', {
      ...{ width, height: 900, deviceScaleFactor: 1 },
      mobile: width < 600,
    });
    await this.#send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    });
  }

  /** A PNG. */
  async picture(): Promise<Buffer> {
    const answer = await this.#send('Page.captureScreenshot', { captureBeyondViewport: true });
    return Buffer.from(Picture.parse(answer).data, 'base64');
  }

  /** What the browser complained of, such as something that the content security policy refused. */
  get complaints(): readonly string[] {
    return this.#logged;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #attach(url: string): Promise<void> {
    const { targetId } = Created.parse(await this.#send('Target.createTarget', { url: 'about:blank' }));
    const attached = await this.#send('Target.attachToTarget', { targetId, flatten: true });
    this.#session = Attached.parse(attached).sessionId;
    await this.#send('Log.enable');
    await this.#send('Page.enable');
    await this.#send('Page.navigate', { url });
    await this.until(
      `location.href.startsWith(${JSON.stringify(url)}) && document.readyState === 'complete'`,
    );
  }

  #send(method: string, params: object = {}): Promise<unknown> {
    this.#sent += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#sent, answer);
    this.#socket.send(JSON.stringify({ id: this.#sent, method, params, sessionId: this.#session }));
    return answer.promise;
  }

  #receive(text: string): void {
    const { id, method, result, error, params } = Message.parse(JSON.parse(text));
    if (method === 'Log.entryAdded') this.#logged.push(Logged.parse(params).entry.text);
    if (id === undefined) return;
    const answer = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) answer?.resolve(result);
    else answer?.reject(new Error(error.message));
  }
}
