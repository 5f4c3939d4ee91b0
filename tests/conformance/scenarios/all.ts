/** Every scenario, in the order in which they are played. */
import type { Scenario } from '../scenario.ts';
import { besideTheSocket } from './extended/beside-the-socket.ts';
import { inACall } from './extended/in-a-call.ts';
import { sessions } from './extended/sessions.ts';
import { answers } from './plain/answers.ts';
import { candidates } from './plain/candidates.ts';
import { collisions } from './plain/collisions.ts';
import { door } from './plain/door.ts';
import { ends } from './plain/ends.ts';
import { history } from './plain/history.ts';
import { limitsInTime } from './plain/limits-in-time.ts';
import { lostSockets } from './plain/lost-sockets.ts';
import { offers } from './plain/offers.ts';
import { refusals } from './plain/refusals.ts';
import { relations } from './plain/relations.ts';

/** What a client meets that knows the contract alone, or more. */
export type Group = 'plain' | 'extended';

/** The scenarios by group. */
export const SCENARIOS: Readonly<Record<Group, readonly Scenario[]>> = {
  plain: [
    ...door,
    ...offers,
    ...refusals,
    ...answers,
    ...candidates,
    ...ends,
    ...collisions,
    ...lostSockets,
    ...history,
    ...relations,
    ...limitsInTime,
  ],
  extended: [...sessions, ...inACall, ...besideTheSocket],
};
