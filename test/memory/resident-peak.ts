const SAMPLE_MS = 5;

/** The most memory that this process had resident from now on, sampled. */
export class ResidentPeak {
  readonly startBytes: number;
  readonly #timer: NodeJS.Timeout;
  #peakBytes: number;

  constructor() {
    this.startBytes = process.memoryUsage.rss();
    this.#peakBytes = this.startBytes;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  stop(): { readonly startBytes: number; readonly peakBytes: number } {
    clearInterval(this.#timer);
    this.#sample();
    return { startBytes: this.startBytes, peakBytes: this.#peakBytes };
  }

  #sample(): void {
    this.#peakBytes = Math.max(this.#peakBytes, process.memoryUsage.rss());
  }
}
