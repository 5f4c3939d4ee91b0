/** The way in: who is let in, how it proves who it is, and the ICE servers behind the REST door. */
import { ring } from '../../calls.ts';
import { ask, asObject } from '../../rest.ts';
import type { Scenario } from '../../scenario.ts';
import { fields, holds, refused, Skipped, same } from '../../unmet.ts';

const types = (frames: readonly { type: string }[]) => frames.map(({ type }) => type);
const ICE = '/api/rtc/ice-servers';
/** A token in the form of one, that nobody signed. */
const FORGED = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"1"}')}.`.replaceAll('=', '');

export const door: readonly Scenario[] = [
  {
    name: 'ice-servers',
    title: 'the ICE servers come as the contract writes them',
    rules: ['§2.1'],
    async run({ caller }) {
      const { status, body, data } = await caller.rest('GET', ICE);
      same('the status', status, 200);
      same('`success`', body['success'], true);
      const servers = data['iceServers'];
      if (!Array.isArray(servers)) return holds('`data.iceServers` to be a list', false, servers);
      for (const server of servers.map(asObject)) {
        const urls = Array.isArray(server['urls']) ? server['urls'] : [server['urls']];
        const fits = urls.every((url) => /^(stun|turn)s?:./.test(String(url)));
        holds('urls that begin with stun:, stuns:, turn: or turns:', fits, server['urls']);
        for (const name of ['username', 'credential']) {
          const value = server[name];
          holds(`${name} to be text or absent`, value === undefined || typeof value === 'string', typeof value);
        }
      }
    },
  },
  {
    name: 'ice-servers-need-a-token',
    title: 'without a token, and with a forged one, there are no ICE servers',
    rules: ['§2.1', '§5.1'],
    async run({ target }) {
      for (const options of [{}, { token: FORGED }]) {
        const { status, body } = await ask(target.rest, 'GET', ICE, options);
        holds('HTTP 401 (or 403)', status === 401 || status === 403, `HTTP ${status}`);
        same('`success`', body['success'] ?? false, false);
        same('`data`', body['data'], undefined);
      }
    },
  },
  {
    name: 'nobody-without-a-token',
    title: 'a socket that has not proved who it is cannot call anybody',
    rules: ['§5.1', 'AU-1'],
    async run({ caller, callee, target }) {
      const b = await callee.online();
      for (const authorization of [undefined, `Bearer ${FORGED}`]) {
        const url = target.url.replace('{token}', authorization ? FORGED : '');
        const nobody = caller.dial({ url, headers: authorization ? { authorization } : {} });
        await nobody.opened().catch(() => {});
        if (nobody.isOpen) {
          nobody.send('call:offer', {
            receiverId: callee.id,
            offer: { type: 'offer', sdp: 'v=0' },
            senderId: caller.id,
          });
          await nobody.settled();
        }
        same('what the callee hears', types(await b.rest()), []);
      }
    },
  },
  {
    name: 'refused-upgrade',
    title: 'a token that does not verify is refused with HTTP 401',
    rules: ['AU-1'],
    async run({ caller }) {
      const line = caller.dial({ headers: { authorization: `Bearer ${FORGED}` } });
      same('the answer to the upgrade', (await line.ends('the upgrade to be refused')).code, 401);
    },
  },
  {
    name: 'token-by-subprotocol',
    title: 'a token may come as a subprotocol; the server answers the other one, never the token',
    rules: ['AU-1'],
    async run({ caller, callee }) {
      const protocols = ['ringdown.plain', `bearer.${caller.account.token}`];
      const a = await caller.dial({ protocols }).opened();
      same('the subprotocol', a.raw.protocol, 'ringdown.plain');
      await a.rest();
      await ring(a, callee, await callee.online());
    },
  },
  {
    name: 'token-by-first-frame',
    title: 'a token may come in a first frame; before it every other frame is 401',
    rules: ['AU-1'],
    async run({ caller, callee }) {
      const a = await caller.dial().opened();
      a.send('call:hang_up', { receiverId: callee.id });
      refused(await a.next('error', 'an error 401 before authentication'), 401, 'unauthenticated');
      a.send('auth', { token: caller.account.token });
      await a.rest();
      await ring(a, callee, await callee.online());
    },
  },
  {
    name: 'token-by-first-frame-refused',
    title: 'a first frame with a token that does not verify is 401, and the socket closes with 4501',
    rules: ['AU-1'],
    async run({ caller }) {
      const a = await caller.dial().opened();
      a.send('auth', { token: FORGED });
      refused(await a.next('error', 'an error 401 for a forged token'), 401);
      same('the close code', (await a.ends()).code, 4501);
    },
  },
  {
    name: 'token-in-the-url',
    title: 'a token in the URL is not read',
    rules: ['AU-1'],
    async run({ caller, target }) {
      if (target.url.includes('{token}')) throw new Skipped('the URL given carries the token');
      const url = new URL(target.url);
      for (const name of ['token', 'access_token', 'auth']) url.searchParams.set(name, caller.account.token);
      const a = caller.dial({ url: url.href });
      await a.opened().catch(() => {});
      if (!a.isOpen) return;
      a.send('call:hang_up', { receiverId: caller.id });
      refused(await a.next('error', 'an error 401: the session is nobody’s'), 401);
    },
  },
  {
    name: 'foreign-origin',
    title: 'a page of another origin is refused with HTTP 403, and so is the origin null',
    rules: ['AU-2'],
    async run({ caller }) {
      for (const origin of ['https://elsewhere.example', 'null']) {
        const headers = { authorization: `Bearer ${caller.account.token}`, origin };
        const code = (await caller.dial({ headers }).ends(`an upgrade from origin ${origin} to be refused`)).code;
        same(`the answer to an upgrade from origin ${origin}`, code, 403);
      }
    },
  },
  {
    name: 'newer-token',
    title: 'a session may send its token again, and not somebody else’s',
    rules: ['AU-3'],
    async run({ caller, callee }) {
      const a = await caller.online();
      await a.done('auth', { token: caller.account.token });
      fields(await a.request('auth', { token: callee.account.token }), { code: 401 });
    },
  },
  {
    name: 'nobody-for-five-seconds',
    title: 'a socket that proves nothing within 5 seconds is closed',
    rules: ['AU-1'],
    needs: ['slow'],
    async run({ caller }) {
      const a = await caller.dial().opened();
      await a.ends('the socket of nobody to be closed', 8_000);
    },
  },
];
