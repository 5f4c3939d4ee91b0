/** Every planted fault. */
import { CALL_FAULTS } from './call-faults.ts';
import { DOOR_FAULTS } from './door-faults.ts';
import type { DoorFault, Fault } from './fault.ts';
import { STORE_FAULTS } from './store-faults.ts';

/** Those that the table of the rules, the search or the simulation must see; `store` counts attaching, relays and the journal. */
export const INNER_FAULTS: { readonly store: readonly Fault[]; readonly call: readonly Fault[] } = {
  store: STORE_FAULTS,
  call: CALL_FAULTS,
};

/** The same in one list, each with an id of its own. */
export const FAULTS: readonly Fault[] = [...STORE_FAULTS, ...CALL_FAULTS];

/** Those that only the tests of the server can see. */
export const OUTER_FAULTS: readonly DoorFault[] = DOOR_FAULTS;
