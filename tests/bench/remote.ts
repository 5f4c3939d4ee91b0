/** Calls between the benchmark and the processes it starts: a request and its answer over Node's own channel. */
import type { ChildProcess } from 'node:child_process';

type Request = { readonly call: number; readonly name: string; readonly input: unknown };
type Answer = { readonly answers: number; readonly value?: unknown; readonly error?: string };

/** What a child can be asked, by name. */
export type Handlers = Record<string, (input: never) => unknown>;
type Input<H extends Handlers, N extends keyof H> = Parameters<H[N]>[0];
type Value<H extends Handlers, N extends keyof H> = Awaited<ReturnType<H[N]>>;

/** The child's side: answers what it is asked, and ends with whoever started it. */
export function serve<H extends Handlers>(handlers: H): void {
  process.on('message', async ({ call, name, input }: Request) => {
    const answer: Answer = await Promise.resolve()
      .then(() => handlers[name]?.(input as never))
      .then(
        (value) => ({ answers: call, value }),
        (error: Error) => ({ answers: call, error: error.stack ?? String(error) }),
      );
    process.send?.(answer);
  });
  process.on('disconnect', () => process.exit());
}

/** The parent's side. */
export class Remote<H extends Handlers> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #calls = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ answers, value, error }: Answer) => {
      const waiting = this.#waiting.get(answers);
      this.#waiting.delete(answers);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    });
    child.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`a process ended with ${code ?? signal}`));
      this.#waiting.clear();
    });
  }

  /** Asks the child. @throws what its handler threw, or when it ends before it has answered */
  ask<N extends keyof H & string>(name: N, input: Input<H, N>): Promise<Value<H, N>> {
    return new Promise((resolve, reject) => {
      this.#calls += 1;
      this.#waiting.set(this.#calls, { resolve: resolve as (value: unknown) => void, reject });
      this.#child.send({ call: this.#calls, name, input } satisfies Request, (error) => error && reject(error));
    });
  }
}
