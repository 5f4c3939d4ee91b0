/** How often a password may be guessed and an account made. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Limits } from '../config.ts';
import { usernameKey } from '../db/username.ts';
import { type Budget, budget, type Spent } from '../rate-limit.ts';

const HALF_HOUR_SECONDS = 1_800;
const HOUR_SECONDS = 3_600;
/** One address may fail with this many times as many different names; a school or an office is one address. */
const NAMES_PER_ADDRESS = 10;
/** Typing errors before the answers slow down. */
const FREE_FAILURES = 2;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4_000;

/** Guards sign-up and sign-in. An attempt that cannot be counted is not let through. */
export interface LoginGuard {
  /**
   * Counts an attempt to sign in, before the password is looked at, so that many at once count too.
   * @param username as typed @param addressKey see `addressKey`
   */
  admit(username: string, addressKey: string): Promise<Spent>;
  /** The password was right: that name and address start anew. */
  succeeded(username: string, addressKey: string): Promise<void>;
  /** The password was wrong: waits, twice as long each time, 4 s at most. @param used as {@link admit} said */
  failed(used: number): Promise<void>;
  /** Counts a sign-up, also one whose name is taken: that is a question too. */
  admitRegistration(addressKey: string): Promise<Spent>;
}

/** @param wait sleeps for some ms; tests pass their own */
export function loginGuard(limits: Limits, wait: (ms: number) => Promise<unknown> = unheldSleep): LoginGuard {
  const perName: Budget = budget(limits.failedLoginsPer30Minutes, HALF_HOUR_SECONDS);
  const perAddress: Budget = budget(limits.failedLoginsPer30Minutes * NAMES_PER_ADDRESS, HALF_HOUR_SECONDS);
  const registrations: Budget = budget(limits.registrationsPerHour, HOUR_SECONDS);
  const keyOf = (username: string, addressKey: string) => `${addressKey} ${usernameKey(username)}`;
  return {
    async admit(username, addressKey) {
      const whole = await perAddress.spend(addressKey);
      return whole.ok ? perName.spend(keyOf(username, addressKey)) : whole;
    },
    async succeeded(username, addressKey) {
      await perAddress.giveBack(addressKey);
      await perName.clear(keyOf(username, addressKey));
    },
    async failed(used) {
      if (used <= FREE_FAILURES) return;
      await wait(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (used - FREE_FAILURES - 1)));
    },
    admitRegistration: (addressKey) => registrations.spend(addressKey),
  };
}

/** An answer that is being held back does not hold up the end of the process. */
const unheldSleep = (ms: number): Promise<unknown> => sleep(ms, undefined, { ref: false });
