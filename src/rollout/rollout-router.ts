import { AuthenticationError } from '../contract/errors.ts';
import type { BothSides } from './both-sides.ts';
import type { CallTimes } from './call-times.ts';
import type { CurrentFlag } from './current-flag.ts';
import type { DatabaseOperations } from './database-operations.ts';
import type { RolloutCaller } from './rollout-caller.ts';
import type { OperationName } from './rollout-flag.ts';
import type { RoutedRead } from './routed-read.ts';
import type { Shadow } from './shadow.ts';
import { chooseSide, type Side } from './side-choice.ts';

/** Who makes a call. */
export interface RoutedCaller<S> {
  readonly sides: BothSides<S>;
  /** Undefined for the rollout itself, which acts as nobody. */
  readonly caller: RolloutCaller | undefined;
}

interface RouterParts<S> {
  readonly current: Pick<CurrentFlag, 'known' | 'trip'>;
  readonly whenUnknown: Side;
  /** Functions that write nothing. */
  readonly readFunctions: ReadonlySet<string>;
  readonly times: CallTimes;
  readonly shadow: Shadow<S>;
  readonly random: () => number;
}

/** Sends each call to one side, chosen once, when it is made. A call under way ends where it began. */
export class RolloutRouter<S> {
  readonly random: () => number;
  readonly #parts: RouterParts<S>;

  constructor(parts: RouterParts<S>) {
    this.#parts = parts;
    this.random = parts.random;
  }

  isReadFunction(name: string): boolean {
    return this.#parts.readFunctions.has(name);
  }

  async read<Options, Result>(
    { sides, caller }: RoutedCaller<S>,
    read: RoutedRead<S, Options, Result>,
  ): Promise<Result> {
    const { operation, table, options } = read;
    const { side, shadow } = this.#choose(caller, operation, table);
    // Before the call: what the caller does to its objects later has no effect on the comparison.
    const comparison =
      shadow > 0 && this.random() * 100 < shadow ? this.#parts.shadow.begin(sides, read) : undefined;
    const answer = this.#parts.times.of(operation, table, side, () => read.ask(sides.of(side), options));
    comparison?.follow(answer);
    return answer;
  }

  async write<Result>(
    { sides, caller }: RoutedCaller<S>,
    operation: OperationName,
    table: string,
    ask: (side: DatabaseOperations<S>) => Promise<Result>,
  ): Promise<Result> {
    const { side } = this.#choose(caller, operation, table);
    return this.#parts.times.of(operation, table, side, () => ask(sides.of(side)));
  }

  #choose(
    caller: RolloutCaller | undefined,
    operation: OperationName,
    table: string,
  ): ReturnType<typeof chooseSide> {
    if (caller === undefined) {
      throw new AuthenticationError('This call has no identity.', {
        code: 'IDENTITY_REQUIRED',
        hint: 'Use rollout.withToken(jwt), or rollout.as(anonymous()) or rollout.as(service()).',
      });
    }
    return chooseSide(this.#parts.current, this.#parts.whenUnknown, caller, operation, table);
  }
}
