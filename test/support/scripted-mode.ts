import type { ConnectionMode, ModeName, StatementReply } from '../../src/contract/mode.ts';

/** A fake mode for what stands before modes: the test says how it answers, and how full it is. */
export class ScriptedMode implements ConnectionMode {
  readonly name: ModeName;
  readonly capabilities = { pinned: true, parallel: true, cancel: true };
  isFull = false;
  room = 10;
  expectedMs = 0;
  restMs = 0;
  /** Batches that were sent. */
  sent = 0;
  idleDropped = 0;
  answer: () => Promise<readonly StatementReply[]> = () => Promise.resolve([]);

  constructor(name: ModeName = 'direct') {
    this.name = name;
  }

  run(): Promise<readonly StatementReply[]> {
    this.sent += 1;
    return this.answer();
  }

  hasRoom(reserve: number): boolean {
    return this.room > reserve;
  }

  dropIdle(): void {
    this.idleDropped += 1;
  }

  describe(): Promise<never[]> {
    return Promise.resolve([]);
  }

  withTransaction(): never {
    throw new Error('Nobody asks a fake.');
  }

  onOneConnection(): never {
    throw new Error('Nobody asks a fake.');
  }

  stats(): never {
    throw new Error('Nobody asks a fake.');
  }

  async close(): Promise<void> {}
}
