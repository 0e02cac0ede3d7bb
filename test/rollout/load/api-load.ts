import autocannon from 'autocannon';
import { SeededRandom } from '../../support/network/seeded-random.ts';
import { isFailed, type ServedAnswer } from './served-answer.ts';
import { servedBy } from './served-by.ts';

export interface LoadedUser {
  readonly id: string;
  readonly token: string;
}

interface ApiLoadOptions {
  /** Of each process. */
  readonly urls: readonly string[];
  readonly users: readonly LoadedUser[];
  /** To each process, each with one request at a time. */
  readonly connections: number;
  /** Draws users and requests. */
  readonly seed: number;
}

interface PlannedRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly body?: { readonly title: string } | { readonly description: string };
}

interface Cannon {
  stop(): void;
  readonly errors: Promise<number>;
}

/** The request that a connection waits for. */
interface UnderWay {
  user: LoadedUser;
  request: PlannedRequest;
}

const PLACES = ['lisbon', 'porto', 'madeira', 'azores', 'nowhere'];
/** Longer than any run; it is stopped. */
const FOR_SECONDS = 86_400;
const LOOK_EVERY_MS = 50;

/** Requests of many users to each process, as fast as they are answered: by autocannon. */
export class ApiLoad implements AsyncDisposable {
  /** In the order in which they came. */
  readonly answers: ServedAnswer[] = [];
  /** Titles of trips that were made, as the answers say. */
  readonly made: string[] = [];
  readonly #options: ApiLoadOptions;
  readonly #random: SeededRandom;
  readonly #trips = new Map<string, string[]>();
  readonly #cannons: readonly Cannon[];
  #sent = 0;
  #texts = 0;

  constructor(options: ApiLoadOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#cannons = options.urls.map((url, process) => this.#fire(url, process));
  }

  /** @returns how many requests had no answer: those that were under way when it was stopped do not count. */
  async stop(): Promise<number> {
    for (const { stop } of this.#cannons) stop();
    const errors = await Promise.all(this.#cannons.map((cannon) => cannon.errors));
    const underWay = this.#options.connections * this.#options.urls.length;
    const lost = Math.max(0, this.#sent - this.answers.length - underWay);
    return Math.max(lost, ...errors);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #fire(url: string, process: number): Cannon {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const { stop } = autocannon<UnderWay>(
      {
        ...{ url, connections: this.#options.connections, duration: FOR_SECONDS, sampleInt: LOOK_EVERY_MS },
        requests: [
          {
            setupRequest: (defaults, underWay) => {
              const { user, request } = Object.assign(underWay, this.#next());
              return { ...defaults, ...this.#sentAs(request, user) };
            },
            onResponse: (status, body, { user, request }, headers) => {
              if (user === undefined || request === undefined) throw new Error('An answer to no request.');
              this.#answered(process, { user, request }, status, body, headers);
            },
          },
        ],
      },
      (error, { errors }) => (error === null ? resolve(errors) : reject(error)),
    );
    return { stop, errors: promise };
  }

  #next(): UnderWay {
    this.#sent += 1;
    const user = this.#random.pick(this.#options.users)!;
    return { user, request: this.#requestOf(user) };
  }

  #requestOf(user: LoadedUser): PlannedRequest {
    const kind = this.#random.below(100);
    const trip = this.#random.pick(this.#trips.get(user.id) ?? []);
    if (kind < 15) return { method: 'POST', path: '/trips', body: { title: this.#text() } };
    if (kind < 25 && trip !== undefined)
      return { method: 'PATCH', path: `/trips/${trip}`, body: { description: this.#text() } };
    if (kind < 45 && trip !== undefined) return { method: 'GET', path: `/trips/${trip}` };
    if (kind < 60) return { method: 'GET', path: `/destinations?text=${this.#random.pick(PLACES)}` };
    if (kind < 70) return { method: 'GET', path: '/profile' };
    return { method: 'GET', path: '/trips' };
  }

  /** Another one each time. */
  #text(): string {
    this.#texts += 1;
    return `text ${this.#texts}`;
  }

  #sentAs({ method, path, body }: PlannedRequest, { token }: LoadedUser): object {
    return {
      ...{ method, path },
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
  }

  #answered(
    process: number,
    { user, request }: UnderWay,
    status: number,
    body: string,
    headers: Parameters<typeof servedBy>[0],
  ): void {
    const { side, calledAt = 0 } = servedBy(headers) ?? {};
    const { method, path, body: sent } = request;
    const answer = {
      ...{ process, user: user.id, status, side, calledAt, answeredAt: Date.now() },
      request: `${method} ${path}`,
    };
    this.answers.push(answer);
    if (sent === undefined || !('title' in sent) || isFailed(answer)) return;
    this.made.push(sent.title);
    const { id }: { readonly id: string } = JSON.parse(body);
    this.#trips.set(user.id, [...(this.#trips.get(user.id) ?? []), id]);
  }
}
