/** How long a group waits for its members to join, or to sync. */
export class RebalanceTimer {
  #timer: NodeJS.Timeout | null = null;
  /** Set while a group that was empty waits for more members: how long it may still wait. */
  #initialLeftMs: number | null = null;
  #hasMore = false;

  /** Whether it is for more members that the group waits, not for those it knows. */
  get isInitial(): boolean {
    return this.#initialLeftMs !== null;
  }

  start(ms: number, then: () => void): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = setTimeout(then, ms).unref();
  }

  /** KIP-134: for `delayMs`, and as long again each time that members have come meanwhile, up to `limitMs`. */
  startInitial(delayMs: number, limitMs: number, then: () => void): void {
    this.#initialLeftMs = limitMs - delayMs;
    this.#hasMore = false;
    this.start(delayMs, () => {
      if (this.#hasMore && this.#initialLeftMs! > 0) this.startInitial(delayMs, this.#initialLeftMs!, then);
      else then();
    });
  }

  /** A new member has come. */
  noteMore(): void {
    this.#hasMore = true;
  }

  stop(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
    this.#initialLeftMs = null;
  }
}
