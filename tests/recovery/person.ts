/** People with an account at a service that may die. */

/** Where a service is. */
export interface Place {
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  /** Where sockets are opened. */
  readonly socketUrl: string;
}

/** A line of somebody's history, as far as these tests look at it. */
export interface HistoryLine {
  readonly callId: string;
  readonly outcome: string;
  readonly direction: 'outgoing' | 'incoming';
  readonly answeredAt: string | null;
}

/** Somebody with an account. */
export class Person {
  readonly service: Place;
  readonly username: string;
  readonly id: string;
  readonly token: string;

  private constructor(service: Place, username: string, id: string, token: string) {
    this.service = service;
    this.username = username;
    this.id = id;
    this.token = token;
  }

  /** Signs somebody up. @param username must be new at this service */
  static async signUp(service: Place, username: string): Promise<Person> {
    const answer = await ask(service, 'POST', '/api/auth/register', undefined, { username, password: 'correct horse' });
    const { user, token } = answer as { user: { id: string }; token: string };
    return new Person(service, username, user.id, token);
  }

  /** A REST call. @returns its `data` @throws when it is refused */
  ask(method: string, path: string, body?: object): Promise<unknown> {
    return ask(this.service, method, path, this.token, body);
  }

  /** The whole history, newest first. @param most stops once it has so many lines */
  async history(most = Number.POSITIVE_INFINITY): Promise<HistoryLine[]> {
    const lines: HistoryLine[] = [];
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = (await this.ask('GET', `/api/rtc/calls?limit=100${more}`)) as {
        calls: HistoryLine[];
        nextCursor: string | null;
      };
      lines.push(...page.calls);
      cursor = page.nextCursor;
    } while (cursor !== null && lines.length < most);
    return lines;
  }

  /** The live calls. */
  async activeCalls(): Promise<{ callId: string; phase: 'ringing' | 'active' }[]> {
    const { calls } = (await this.ask('GET', '/api/rtc/calls/active')) as {
      calls: { callId: string; phase: 'ringing' | 'active' }[];
    };
    return calls;
  }
}

/** Makes two people friends. */
export async function befriend(a: Person, b: Person): Promise<void> {
  await a.ask('POST', '/api/friends', { userId: b.id });
  await b.ask('POST', '/api/friends', { userId: a.id });
}

async function ask(service: Place, method: string, path: string, token?: string, body?: object): Promise<unknown> {
  const response = await fetch(`${service.origin}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as { success: boolean; data?: unknown; error?: { reason: string } };
  if (!answer.success) throw new Error(`${method} ${path}: ${response.status} ${answer.error?.reason}`);
  return answer.data;
}
