import type { Reporter, TestCase, TestModule, TestSpecification, TestSuite, Vitest } from 'vitest/node';
import { expectedTime } from './expected-time.ts';
import { type FoundStack, findFullStack } from './find-full-stack.ts';

interface Tally {
  ran: number;
  readonly leftOut: Map<string, string[]>;
}

/**
 * Says at the start of a run which stacks it found and how long it will take; at its end which stacks the tests ran on, and
 * what was left out for want of which.
 *
 * Tests mark themselves by their meta data: `describeFullStack` does it, and `describeCommand` for what needs a program of
 * the machine; all others need no server.
 */
export default class StackReport implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  async onTestRunStart(specifications: readonly TestSpecification[]): Promise<void> {
    const lastMs = specifications.map(
      (each) => this.#vitest?.cache.getTestSpecificationResult(each)?.duration,
    );
    const time = expectedTime(lastMs, this.#vitest?.config.maxWorkers ?? 1);
    const found = await findFullStack(process.env);
    process.stdout.write(`${announceRun(found, specifications.length, time)}\n\n`);
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    process.stdout.write(`\n${reportStacks(modules)}\n`);
  }
}

export function announceRun({ stack, missing }: FoundStack, files: number, time: string): string {
  const full = stack === undefined ? `left out, ${missing}` : `found, by the ${stack.source}`;
  return `Stacks: embedded, needs no server; full, ${full}\n${files} test file${files === 1 ? '' : 's'}: ${time}`;
}

export function reportStacks(modules: readonly TestModule[]): string {
  const full: Tally = { ran: 0, leftOut: new Map() };
  let others = 0;
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      if (hasRun(test)) {
        if (stackOf(test) === 'full') full.ran += 1;
        else others += 1;
      } else if (test.meta().leftOut !== undefined) {
        const why = test.meta().leftOut ?? '';
        const names = full.leftOut.get(why) ?? [];
        names.push(
          `${test.parent.type === 'suite' ? test.parent.fullName : test.name} (${module.relativeModuleId})`,
        );
        full.leftOut.set(why, names);
      }
    }
  }
  const lines = [`Stacks: no server or embedded, ${others} tests ran; full, ${full.ran} tests ran`];
  for (const [why, names] of full.leftOut) {
    lines.push(`Left out (${why}):`, ...names.map((name) => `  ${name}`));
  }
  if (full.leftOut.size === 0 && full.ran > 0) lines.push('Nothing was left out for want of a stack.');
  return lines.join('\n');
}

function hasRun(test: TestCase): boolean {
  const { state } = test.result();
  return state === 'passed' || state === 'failed';
}

function stackOf(test: TestCase): 'full' | undefined {
  if (test.meta().stack !== undefined) return test.meta().stack;
  for (let at: TestSuite | TestModule = test.parent; at.type === 'suite'; at = at.parent) {
    if (at.meta().stack !== undefined) return at.meta().stack;
  }
  return undefined;
}
