/** Hostile conversations by chance: connections that are mostly right and in one place wrong, each to its end. */
import fc from 'fast-check';
import type { Chance } from '../../recovery/random.ts';
import { bytesOf } from '../inputs/bytes.ts';
import { open as openFrames } from '../targets/frames.ts';
import { open as openHttp } from '../targets/http.ts';
import type { Prey } from './attacks.ts';
import { frame, goodbye, OPCODES } from './bytes.ts';
import { type Ending, RawClient, upgradeRequest } from './raw-client.ts';

/** Texts of frames, and requests, that the other targets would try. */
const SAMPLES = 2_000;
/** Most frames or pieces of one connection. */
const MOST_SAID = 24;
/** How long a connection that has said everything waits for the service to end it, ms. */
const WAIT_MS = 300;

/** What one connection did. */
export interface Talk {
  /** Frames or requests that it sent. */
  readonly said: number;
  readonly ending: Ending;
  /** What it was sent that it must not be sent. */
  readonly faults: readonly string[];
}

/** Makes hostile conversations. */
export class Conversations {
  readonly #frames: readonly string[];
  readonly #requests: readonly string[];

  private constructor(frames: readonly string[], requests: readonly string[]) {
    this.#frames = frames;
    this.#requests = requests;
  }

  /** @param seed of the texts */
  static async open(seed: number): Promise<Conversations> {
    const [frames, http] = [openFrames(), await openHttp()];
    const of = ({ inputs }: { inputs: fc.Arbitrary<string> }) => fc.sample(inputs, { seed, numRuns: SAMPLES });
    const made = new Conversations(of(frames), of(http));
    await http.close?.();
    return made;
  }

  /** Has one. Never throws for what the service does; that is for whoever looks at the talk. */
  async talk(prey: Prey, chance: Chance): Promise<Talk> {
    const client = await RawClient.to(prey.port);
    let said = 0;
    if (chance.happens(0.2)) {
      client.write(this.#request(prey, chance));
      said += 1;
    } else {
      client.write(this.#upgrade(prey, chance));
      for (let left = chance.whole(0, MOST_SAID); left > 0 && !client.ended; left -= 1) {
        const bytes = this.#frame(prey, chance);
        said += 1;
        if (chance.happens(0.1) && bytes.length < 400) await client.dribble(bytes);
        else if (chance.happens(0.2)) {
          const middle = chance.whole(0, bytes.length);
          client.write(bytes.subarray(0, middle));
          await new Promise((resolve) => setImmediate(resolve));
          client.write(bytes.subarray(middle));
        } else client.write(bytes);
      }
    }
    return { said, ending: await this.#leave(client, chance), faults: client.faults };
  }

  async #leave(client: RawClient, chance: Chance): Promise<Ending> {
    switch (chance.whole(0, 5)) {
      case 0:
        client.reset();
        break;
      case 1:
        client.socket.destroy();
        break;
      case 2:
        client.halfClose();
        break;
      case 3:
        client.write(frame({ opcode: OPCODES.close, payload: goodbye(1000) }));
    }
    return client.ending(WAIT_MS);
  }

  #upgrade({ token }: Prey, chance: Chance): string | Buffer {
    const protocols = chance.of([
      `ringdown.plain, bearer.${token}`,
      `ringdown.plain, bearer.${token}`,
      `ringdown.v1, bearer.${token}`,
      'ringdown.plain',
      '',
      `bearer.${token}`,
    ]);
    const odd = [
      'Sec-WebSocket-Extensions: permessage-deflate',
      'Origin: null',
      'Content-Length: 0',
      'X: \x80',
      `X: ${'x'.repeat(15_000)}`,
    ];
    const right = upgradeRequest(protocols, chance.happens(0.2) ? [chance.of(odd)] : []);
    if (!chance.happens(0.1)) return right;
    // One byte of it is another.
    const bytes = Buffer.from(right, 'latin1');
    bytes[chance.whole(0, bytes.length - 1)] = chance.whole(0, 255);
    return bytes;
  }

  #request({ token }: Prey, chance: Chance): Buffer {
    const [head = '', ...body] = chance.of(this.#requests).replaceAll('{token}', token).split('\n\n');
    const [first = '', ...lines] = head.split('\n');
    const bytes = bytesOf(body.join('\n\n'));
    const length = chance.happens(0.8) ? [`Content-Length: ${bytes.length}`] : [];
    const host = chance.happens(0.95) ? ['Host: localhost'] : [];
    const text = [`${first} HTTP/1.1`, ...host, ...length, ...lines, '', ''].join('\r\n');
    return Buffer.concat([bytesOf(text), bytes]);
  }

  #frame({ token }: Prey, chance: Chance): Buffer {
    const text = chance.of(this.#frames).replaceAll('{token}', token);
    const payload = bytesOf(text);
    const { continuation, binary, close, ping, pong } = OPCODES;
    switch (chance.whole(0, 15)) {
      case 0:
        return frame({ fin: false, payload });
      case 1:
        return frame({ opcode: continuation, fin: chance.happens(0.5), payload });
      case 2:
        return frame({ opcode: chance.of([ping, pong]), payload: payload.subarray(0, chance.whole(0, 130)) });
      case 3:
        return frame({
          opcode: close,
          payload: goodbye(chance.whole(0, 5_000), payload.subarray(0, chance.whole(0, 130))),
        });
      case 4:
        return frame({
          opcode: chance.whole(0, 15),
          fin: chance.happens(0.8),
          rsv: chance.happens(0.3) ? chance.whole(0, 7) : 0,
          payload,
        });
      case 5:
        return frame({
          payload,
          claims: chance.of([0n, 125n, 65_536n, 65_537n, 2n ** 31n, 2n ** 63n]),
          lengthBits: chance.of([7, 16, 64]),
        });
      case 6:
        return frame({ payload, masked: chance.happens(0.8), lengthBits: 64 });
      case 7:
        return chance.happens(0.3)
          ? frame({ opcode: binary, payload })
          : frame({ payload: Buffer.from([0xff, ...payload.subarray(0, 20)]) });
      case 8: {
        const bytes = frame({ payload });
        bytes[chance.whole(0, bytes.length - 1)] = chance.whole(0, 255);
        return bytes;
      }
      default:
        return frame({ payload });
    }
  }
}
