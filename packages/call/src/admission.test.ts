/** What becomes of an offer: one case a row, in the order in which the rules look. */
import { expect, test } from 'vitest';
import { type Admission, type AdmissionFacts, admit, answerConsequences } from './admission.ts';
import {
  ANNA,
  ANNA_PLAIN,
  active,
  attempt,
  attemptBack,
  BEN,
  BEN_PLAIN,
  CAN,
  CLEO,
  facts,
  ringing,
  START,
} from './calls-for-tests.ts';
import type { Active, LiveCall } from './state.ts';
import { transition } from './transition.ts';

function judge(overrides: Partial<AdmissionFacts> = {}, offered = attempt()): Admission {
  return admit(offered, { ...facts(), ...overrides }, START + 5_000);
}

/** The verdict in one line: phase and outcome of both sides, what the caller is told, which calls end how. */
function describe(admission: Admission): string {
  if (admission.verdict === 'takeover') return `takeover ${admission.callId}`;
  if (admission.verdict === 'refused') return `refused ${admission.reason} ${admission.callId}`;
  const { state, effects, consequences } = admission;
  const outcome =
    state.phase === 'ended'
      ? `${state.outcome.caller}/${state.outcome.callee}`
      : `to ${Object.keys(state.devices).join(' ')}`;
  const sent = effects.flatMap((e) =>
    e.type === 'send' ? [`${e.to}<${e.message.type.replace('call:', '')}`] : [e.type],
  );
  const ends = consequences.map(({ callId, event }) => `${callId} ${event.type}`);
  return [`${state.phase} ${outcome}`, sent.join(' '), ends.join(' ')].filter(Boolean).join('; ');
}

const other = (call: LiveCall, callId: string): LiveCall => ({ ...call, callId });
const party = (id: string) => ({ id, info: { id: Number(id), username: `user ${id}`, avatar: '' } });
/** Anna's phone talks with Ben's plain socket. */
const activeWithPlainBen = active(BEN_PLAIN.first, ringing({}, [BEN_PLAIN.first]));
/** Anna's phone is in an answered call with Cleo. */
const annaWithCleo: Active = {
  ...(active() as Active),
  callId: 'anna-cleo',
  callee: party('3'),
  calleeSeat: { endpoint: CLEO.phone, language: 'en', capabilities: CAN },
};
/** Ben is in an answered call with Cleo, which he dialled. */
const benWithCleo: Active = {
  ...annaWithCleo,
  callId: 'ben-cleo',
  caller: party('2'),
  callerSeat: { endpoint: BEN.phone, language: 'en', capabilities: CAN },
};
/** Cleo rings Anna. */
const cleoRingsAnna = ringing({ callId: 'cleo-anna', caller: party('3'), callee: party('1'), from: CLEO.phone }, [
  ANNA.phone,
]);
/** Ben rings Anna. */
const benRingsAnna = ringing({ ...attemptBack(), callId: 'ben-anna' }, [ANNA.phone]);
/** Ben rings Cleo. */
const benRingsCleo = ringing({ ...attemptBack(), callId: 'ben-cleo', callee: party('3') }, [CLEO.phone]);
/** Cleo rings Ben. */
const cleoRingsBen = ringing({ callId: 'cleo-ben', caller: party('3'), from: CLEO.phone }, [BEN.phone]);

test.each<[string, Partial<AdmissionFacts>, ReturnType<typeof attempt> | undefined, string]>([
  [
    '[OF-4] every attached endpoint of the callee is rung',
    {},
    undefined,
    'ringing to 2/phone 2/laptop; 2/phone<offer 2/laptop<offer',
  ],
  [
    'nobody attached: not available',
    { calleeEndpoints: [] },
    undefined,
    'ended unavailable/unavailable; 1/phone<not_available record',
  ],
  [
    '[BL-1] blocked looks like offline and leaves nothing on the callee’s side',
    { blocked: true },
    undefined,
    'ended unavailable/null; 1/phone<not_available record',
  ],
  [
    '[BU-1] do not disturb looks like offline; the callee sees a missed call',
    { doNotDisturb: true },
    undefined,
    'ended unavailable/unavailable; 1/phone<not_available record',
  ],
  [
    '[BU-1] a callee in a call is busy and is not disturbed',
    { calleeCalls: [benWithCleo] },
    undefined,
    'ended busy/busy; 1/phone<busy record',
  ],
  [
    '[BU-1] a callee who dials is busy',
    { calleeCalls: [benRingsCleo] },
    undefined,
    'ended busy/busy; 1/phone<busy record',
  ],
  [
    '[BU-1] a callee who is rung is busy',
    { calleeCalls: [cleoRingsBen] },
    undefined,
    'ended busy/busy; 1/phone<busy record',
  ],
  [
    '[BU-1] hidden busy looks like offline',
    { calleeCalls: [benWithCleo], hideBusy: true },
    undefined,
    'ended unavailable/busy; 1/phone<not_available record',
  ],
  [
    '[BU-1] waiting: one ring may stand beside one answered call',
    { calleeCalls: [benWithCleo], busyPolicy: 'waiting' },
    undefined,
    'ringing to 2/phone 2/laptop; 2/phone<offer 2/laptop<offer',
  ],
  [
    '[BU-1] waiting: a third is busy',
    { calleeCalls: [benWithCleo, cleoRingsBen], busyPolicy: 'waiting' },
    undefined,
    'ended busy/busy; 1/phone<busy record',
  ],
  [
    '[BU-1] waiting: a callee who only dials is busy',
    { calleeCalls: [benRingsCleo], busyPolicy: 'waiting' },
    undefined,
    'ended busy/busy; 1/phone<busy record',
  ],
  [
    '[BU-1] dialling while rung ends that ring',
    { callerCalls: [cleoRingsAnna] },
    undefined,
    'ringing to 2/phone 2/laptop; 2/phone<offer 2/laptop<offer; cleo-anna dialledAway',
  ],
  [
    '[BU-1] another device of mine is in a call',
    { callerCalls: [annaWithCleo] },
    attempt({ from: ANNA.laptop }),
    'refused already_in_call anna-cleo',
  ],
  [
    '[GL-2] the endpoint that holds a call begins another: the old one is replaced',
    { callerCalls: [annaWithCleo] },
    undefined,
    'ringing to 2/phone 2/laptop; 2/phone<offer 2/laptop<offer; anna-cleo replaced',
  ],
  [
    '[GL-2] calling the same person again works although both are in the old call',
    { callerCalls: [active()], calleeCalls: [active()] },
    attempt({ callId: 'again' }),
    'ringing to 2/phone 2/laptop; 2/phone<offer 2/laptop<offer; call-1 replaced',
  ],
  [
    '[GL-2] what was replaced stays replaced when the new call cannot ring',
    { callerCalls: [annaWithCleo], calleeEndpoints: [] },
    undefined,
    'ended unavailable/unavailable; 1/phone<not_available record; anna-cleo replaced',
  ],
  [
    '[GL-1] a plain one who is being rung by the callee gets no second ring, and nothing in the history',
    { callerCalls: [benRingsAnna], calleeCalls: [benRingsAnna] },
    attempt({ from: ANNA_PLAIN.first }),
    'ended null/null; 1/~a1<busy',
  ],
  [
    '[GL-1] an extended one is told which call to accept',
    { callerCalls: [benRingsAnna], calleeCalls: [benRingsAnna] },
    undefined,
    'refused glare ben-anna',
  ],
  [
    '[GL-2] takeover: the call goes on from this device when the peer can do that',
    { callerCalls: [active()], calleeCalls: [active()] },
    attempt({ from: ANNA.laptop, takeover: true }),
    'takeover call-1',
  ],
  [
    '[GL-2] takeover from the device that was in the call before a reload: the call goes on',
    { callerCalls: [active()], calleeCalls: [active()] },
    attempt({ takeover: true }),
    'takeover call-1',
  ],
  [
    '[GL-2] takeover after a reload, of a call with somebody else: that one is replaced',
    { callerCalls: [annaWithCleo] },
    attempt({ callId: 'anew', takeover: true }),
    'ringing to 2/phone 2/laptop; 2/phone<offer 2/laptop<offer; anna-cleo replaced',
  ],
  [
    '[GL-2] takeover from a plain peer: the call is replaced by a new one',
    { callerCalls: [activeWithPlainBen], calleeCalls: [activeWithPlainBen] },
    attempt({ callId: 'anew', from: ANNA.laptop, takeover: true }),
    'ringing to 2/phone 2/laptop; 2/phone<offer 2/laptop<offer; call-1 replaced',
  ],
  [
    '[GL-2] takeover moves only the call with the same person',
    { callerCalls: [annaWithCleo] },
    attempt({ from: ANNA.laptop, takeover: true }),
    'refused already_in_call anna-cleo',
  ],
  [
    '[GL-1] a block comes before glare',
    { callerCalls: [benRingsAnna], calleeCalls: [benRingsAnna], blocked: true },
    undefined,
    'ended unavailable/null; 1/phone<not_available record',
  ],
])('%s', (_, overrides, offered, expected) => {
  expect(describe(judge(overrides, offered))).toBe(expected);
});

test('[GL-2] a plain socket replaces the call of a lost plain one, and not that of one still there', () => {
  const held: Active = {
    ...annaWithCleo,
    callerSeat: { endpoint: ANNA_PLAIN.first, language: 'en', capabilities: CAN },
  };
  const offered = attempt({ from: ANNA_PLAIN.second });
  expect(describe(judge({ callerCalls: [held] }, offered))).toMatch(/^refused already_in_call/);
  const lost: Active = { ...held, callerSeat: { ...held.callerSeat, goneAt: START } };
  expect(describe(judge({ callerCalls: [lost] }, offered))).toMatch(/anna-cleo replaced$/);
});

test('[BL-1] [T27] what a blocked caller is sent differs from offline in nothing', () => {
  const told = (overrides: Partial<AdmissionFacts>) => {
    const admission = judge(overrides);
    return admission.verdict === 'begun' ? admission.effects[0] : undefined;
  };
  expect(JSON.stringify(told({ blocked: true }))).toBe(JSON.stringify(told({ calleeEndpoints: [] })));
  expect(JSON.stringify(told({ doNotDisturb: true }))).toBe(JSON.stringify(told({ calleeEndpoints: [] })));
});

test('[BU-1] waiting: answering the second call ends the first', () => {
  const rings = other(ringing({}, [BEN.phone]), 'second');
  if (rings.phase !== 'ringing') throw new Error('unreachable');
  const [consequence] = answerConsequences([benWithCleo, rings], rings);
  expect(consequence).toEqual({ callId: 'ben-cleo', event: { type: 'answeredAnother', by: '2' } });
  const { state } = transition(benWithCleo, consequence!.event, START + 6_000);
  expect(state).toMatchObject({ phase: 'ended', outcome: { caller: 'completed' }, reason: 'answered_another' });
});

test('[BU-1] an answer ends no call in which the person is only being rung', () => {
  const rings = ringing({}, [BEN_PLAIN.first]);
  expect(answerConsequences([rings, cleoRingsBen], rings)).toEqual([]);
});
