/**
 * Decides which of the things under way goes on next. Everything a node does waits at points, before and after each step
 * of the store; between two points only one thing runs, so a history is decided by its throws alone.
 */

/** Something under way at a node. */
export interface Task {
  /** Which node does it; what it still had to do dies with that node. */
  readonly node: string;
  readonly label: string;
  /** Whether a step of the store was committed for it that nobody has heard of yet. */
  committed: boolean;
  resume: () => void;
}

/** The things under way. */
export class Scheduler {
  /** Waiting at a point, oldest first. */
  readonly waiting: Task[] = [];
  /** What is running now. */
  current: Task | undefined;
  #yielded: () => void = () => {};
  #failure: unknown;

  /** Puts something under way; it begins when it is chosen. */
  start(node: string, label: string, run: () => Promise<unknown>): void {
    const task: Task = {
      node,
      label,
      committed: false,
      resume: () => {
        run()
          .catch((error: unknown) => {
            this.#failure ??= error;
          })
          .finally(() => this.#yielded());
      },
    };
    this.waiting.push(task);
  }

  /** Waits here until chosen. */
  point(): Promise<void> {
    const task = this.current;
    if (!task) throw new Error('nothing is running');
    return new Promise((resolve) => {
      task.resume = resolve;
      this.waiting.push(task);
      this.#yielded();
    });
  }

  /** Lets one go on until it waits again or is done. @throws what it threw */
  async go(task: Task): Promise<void> {
    this.waiting.splice(this.waiting.indexOf(task), 1);
    this.current = task;
    await new Promise<void>((resolve) => {
      this.#yielded = resolve;
      task.resume();
    });
    this.current = undefined;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** A node is dead: whatever it was about to do never happens. @returns what that was */
  drop(node: string): Task[] {
    const dropped = this.waiting.filter((task) => task.node === node);
    for (const task of dropped) this.waiting.splice(this.waiting.indexOf(task), 1);
    return dropped;
  }
}
