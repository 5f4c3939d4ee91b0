/** Two people who make calls while others attack: nothing of theirs may be lost, come twice or come late. */
import { Device } from '../../recovery/device.ts';
import { answerOf, candidateOf, offerOf } from '../../recovery/frames.ts';
import { befriend, Person, type Place } from '../../recovery/person.ts';

/** Between two calls, ms. */
const PAUSE_MS = 20;

/** What they have seen. */
export interface Seen {
  readonly calls: number;
  /** How long each thing that one said took to reach the other, ms, sorted. */
  readonly delaysMs: readonly number[];
  /** What must not have happened. */
  readonly faults: readonly string[];
}

/** A pair that calls again and again. */
export class Bystanders {
  readonly #caller: Device;
  readonly #callee: Device;
  readonly #delaysMs: number[] = [];
  readonly #faults: string[] = [];
  #calls = 0;
  #goesOn = true;
  #done: Promise<void> = Promise.resolve();

  private constructor(caller: Device, callee: Device) {
    this.#caller = caller;
    this.#callee = callee;
  }

  /** @param name of the pair @param extended what kind of sessions they have */
  static async begin(place: Place, name: string, extended: boolean): Promise<Bystanders> {
    const people = [await Person.signUp(place, `${name}1`), await Person.signUp(place, `${name}2`)] as const;
    await befriend(...people);
    const pair = new Bystanders(new Device(people[0], extended), new Device(people[1], extended));
    await pair.#caller.connect();
    await pair.#callee.connect();
    pair.#done = pair.#call();
    return pair;
  }

  /** Calls on until told to end. */
  async #call(): Promise<void> {
    try {
      while (this.#goesOn) {
        await this.#oneCall();
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    } catch (error) {
      this.#faults.push((error as Error).message);
    }
  }

  async #oneCall(): Promise<void> {
    const [a, b] = [this.#caller, this.#callee];
    const label = `call ${this.#calls}`;
    const { callId = '' } = await this.#timed(
      () => a.request('call:offer', { receiverId: b.person.id, offer: offerOf(label) }),
      async () => void (await b.next('call:offer')),
    );
    await this.#timed(
      () => b.request('call:answer', { callId, answer: answerOf(label) }),
      async () => {
        const { data } = await a.next('call:answer', callId);
        if (!data.answer.sdp.includes(label)) this.#faults.push('an answer is not what was answered');
      },
    );
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      await this.#timed(
        () => from.request('call:ice_candidate', { callId, candidate: candidateOf(this.#calls) }),
        async () => void (await to.next('call:ice_candidate', callId)),
      );
    }
    await this.#timed(
      () => a.request('call:hang_up', { callId, reason: 'normal' }),
      async () => void (await b.next('call:hang_up', callId)),
    );
    this.#calls += 1;
    for (const device of [a, b]) {
      const ends = device.of(callId).filter(({ message }) => message.type === 'call:hang_up').length;
      if (ends > 1) this.#faults.push('an end came twice');
      device.forget();
    }
  }

  /** What is said and what comes of it, and how long that took. */
  async #timed<T>(says: () => Promise<T>, hears: () => Promise<void>): Promise<T> {
    const began = performance.now();
    const [said] = await Promise.all([says(), hears()]);
    this.#delaysMs.push(performance.now() - began);
    return said;
  }

  /** Ends after the present call. */
  async end(): Promise<Seen> {
    this.#goesOn = false;
    await this.#done;
    const faults = [...this.#faults, ...this.#caller.faults, ...this.#callee.faults];
    await this.#caller.vanish();
    await this.#callee.vanish();
    return { calls: this.#calls, delaysMs: this.#delaysMs.sort((x, y) => x - y), faults };
  }
}
