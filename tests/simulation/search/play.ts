/** Scenes in the order in which a search comes to them: the opening, and the way to any state, played again from the start. */
import type { Action } from './alphabet.ts';
import { attach } from './deeds.ts';
import type { Setup } from './people.ts';
import { Scene } from './scene.ts';
import type { Stage } from './stage.ts';

/** The first scene: everybody is there, and nobody has called. */
export async function opening(setup: Setup, stage: Stage): Promise<Scene> {
  const scene = Scene.empty(setup, () => stage.blocked);
  stage.enter(scene);
  for (let device = 0; device < setup.devices.length; device += 1) await attach(stage, device, 'fresh');
  await scene.judge();
  return scene;
}

/**
 * Comes to states by their ways. States that are visited in the order in which they were found share most of their way
 * with the one before, so little is played twice, and no scene has to be kept for each.
 */
export class Player {
  readonly #stage: Stage;
  readonly #alphabet: readonly Action[];
  readonly #scenes: Scene[];
  #way: readonly number[] = [];

  /** @param first the opening; it is never changed */
  constructor(stage: Stage, alphabet: readonly Action[], first: Scene) {
    this.#stage = stage;
    this.#alphabet = alphabet;
    this.#scenes = [first];
  }

  /** The scene at the end of a way. It is never to be changed: fork it. */
  async at(way: readonly number[]): Promise<Scene> {
    let shared = 0;
    while (shared < way.length && shared < this.#way.length && way[shared] === this.#way[shared]) shared += 1;
    this.#scenes.length = shared + 1;
    for (let n = shared; n < way.length; n += 1) {
      const scene = (this.#scenes[n] as Scene).fork();
      this.#stage.enter(scene);
      await (this.#alphabet[way[n] as number] as Action).run(this.#stage);
      this.#scenes.push(scene);
    }
    this.#way = way;
    return this.#scenes[way.length] as Scene;
  }
}
