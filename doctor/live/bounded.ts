/** Many small tasks, a few at a time. */

/** Lets so many tasks run at once; others wait for their turn, in order. */
export class Turns {
  private readonly waiting: (() => void)[] = [];
  private active = 0;

  constructor(private readonly most: number) {}

  async take<T>(task: () => Promise<T>): Promise<T> {
    if (this.active >= this.most) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.active += 1;
    try {
      return await task();
    } finally {
      // Whoever waits takes over the place of the one that ends.
      const next = this.waiting.shift();
      if (next === undefined) this.active -= 1;
      else next();
    }
  }
}
