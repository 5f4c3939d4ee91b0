/**
 * The human-readable `message` texts the service sends, by key and language. A client never has to read them:
 * everything it needs is in the event's type, `code` and `reason`.
 */
import type { ErrorReason } from './codes.ts';

/** Languages the service can speak. */
export const LANGUAGES = ['en', 'zh-CN'] as const;
/** A language the service can speak. */
export type Language = (typeof LANGUAGES)[number];

const EVENT_TEXTS = {
  not_available: { en: 'The other person is not available right now.', 'zh-CN': '对方暂时无法接听。' },
  busy: { en: 'The other person is on another call.', 'zh-CN': '对方正在通话中。' },
  connect_timeout: { en: 'The call could not be connected.', 'zh-CN': '通话未能接通。' },
  ring_timeout: { en: 'Nobody answered.', 'zh-CN': '无人接听。' },
} as const satisfies Record<string, Record<Language, string>>;

const ERROR_TEXTS: Record<ErrorReason, Record<Language, string>> = {
  invalid_json: { en: 'The message is not valid JSON.', 'zh-CN': '消息不是有效的 JSON。' },
  invalid_payload: { en: 'The message does not have the expected shape.', 'zh-CN': '消息格式不正确。' },
  unsupported_version: { en: 'This protocol version is not supported.', 'zh-CN': '不支持该协议版本。' },
  unauthenticated: { en: 'Please sign in.', 'zh-CN': '请先登录。' },
  token_expired: { en: 'Your session has run out. Please sign in again.', 'zh-CN': '登录已过期，请重新登录。' },
  not_allowed: { en: 'You may only call friends and members of your groups.', 'zh-CN': '只能呼叫好友或同群组成员。' },
  not_participant: { en: 'This device is not part of the call.', 'zh-CN': '当前设备未参与该通话。' },
  receiver_mismatch: { en: 'The receiver is not the other side of this call.', 'zh-CN': '接收者与通话对方不符。' },
  not_owner: { en: 'Only the owner of the group may do this.', 'zh-CN': '只有群主可以执行此操作。' },
  wrong_password: { en: 'The current password is not right.', 'zh-CN': '当前密码不正确。' },
  self_call: { en: 'You cannot call yourself.', 'zh-CN': '不能呼叫自己。' },
  receiver_not_found: { en: 'There is no such person.', 'zh-CN': '接收者不存在。' },
  call_not_found: { en: 'There is no such call.', 'zh-CN': '通话不存在。' },
  not_found: { en: 'Not found.', 'zh-CN': '未找到。' },
  glare: { en: 'The other person is calling you right now.', 'zh-CN': '对方正在呼叫你。' },
  already_in_call: { en: 'You are in a call on another device.', 'zh-CN': '你正在其他设备上通话。' },
  answered_elsewhere: { en: 'The call was answered on another device.', 'zh-CN': '已在其他设备上接听。' },
  invalid_state: { en: 'The call is not in a state that allows this.', 'zh-CN': '当前通话状态不允许此操作。' },
  negotiation_collision: { en: 'Another negotiation is in progress.', 'zh-CN': '另一次协商正在进行。' },
  stale_negotiation: { en: 'This negotiation is over.', 'zh-CN': '该协商已结束。' },
  peer_unsupported: { en: 'The other side does not support this.', 'zh-CN': '对方不支持此功能。' },
  duplicate_id: { en: 'This request id was already used.', 'zh-CN': '请求编号已被使用。' },
  username_taken: { en: 'This user name is taken.', 'zh-CN': '用户名已被占用。' },
  call_ended: { en: 'The call is over.', 'zh-CN': '通话已结束。' },
  too_large: { en: 'The message is too large.', 'zh-CN': '消息过大。' },
  rate_limited: { en: 'Too many requests. Please wait a moment.', 'zh-CN': '请求过于频繁，请稍候再试。' },
  internal: { en: 'Something went wrong on our side.', 'zh-CN': '服务器内部错误。' },
  draining: { en: 'The service is restarting. Please try again.', 'zh-CN': '服务正在重启，请重试。' },
  overloaded: { en: 'The service is busy. Please try again.', 'zh-CN': '服务繁忙，请重试。' },
  relay_unavailable: {
    en: 'This call needs a relay and none is available.',
    'zh-CN': '此通话需要中继服务，但当前不可用。',
  },
};

/** Written so that they are true for whoever reads them and give nothing away: a block reads like being offline (BL-1). */
const DIAGNOSIS_TEXTS = {
  peer_not_online: {
    en: 'The other person could not be reached on any device.',
    'zh-CN': '未能联系到对方的任何设备。',
  },
  no_device_rang: {
    en: 'No device of the called person confirmed that it rang. It may have been asleep or without a network.',
    'zh-CN': '被叫方的设备均未确认响铃，可能处于休眠状态或没有网络。',
  },
  rang_unanswered: { en: 'It rang, and nobody answered.', 'zh-CN': '已响铃，但无人接听。' },
  peer_no_media_device: {
    en: 'The device of the other person could not use its microphone or camera.',
    'zh-CN': '对方的设备无法使用麦克风或摄像头。',
  },
  my_no_media_device: {
    en: 'Your device could not use its microphone or camera. See whether they are allowed, and not in use elsewhere.',
    'zh-CN': '你的设备无法使用麦克风或摄像头，请检查权限以及是否被其他程序占用。',
  },
  peer_device_unsupported: {
    en: 'The device of the other person does not support such calls.',
    'zh-CN': '对方的设备不支持此类通话。',
  },
  my_device_unsupported: { en: 'Your device does not support such calls.', 'zh-CN': '你的设备不支持此类通话。' },
  my_socket_lost: {
    en: 'Your device lost its connection to the service and did not come back in time.',
    'zh-CN': '你的设备与服务断开了连接，未能及时恢复。',
  },
  peer_socket_lost: {
    en: 'The device of the other person lost its connection to the service and did not come back in time.',
    'zh-CN': '对方的设备与服务断开了连接，未能及时恢复。',
  },
  my_relay_unreachable: {
    en: 'Your device could not reach the relay server. Your network may block it.',
    'zh-CN': '你的设备无法连接中继服务器，可能被所在网络拦截。',
  },
  peer_relay_unreachable: {
    en: 'The device of the other person could not reach the relay server. Their network may block it.',
    'zh-CN': '对方的设备无法连接中继服务器，可能被其所在网络拦截。',
  },
  my_no_relay: {
    en: 'There was no direct way between the two devices, and yours had no relay to go through.',
    'zh-CN': '两台设备之间无法直连，且你的设备没有可用的中继。',
  },
  peer_no_relay: {
    en: 'There was no direct way between the two devices, and that of the other person had no relay to go through.',
    'zh-CN': '两台设备之间无法直连，且对方的设备没有可用的中继。',
  },
  no_path: {
    en: 'No way for sound and picture was found between the two devices.',
    'zh-CN': '两台设备之间未能建立音视频通路。',
  },
} as const satisfies Record<string, Record<Language, string>>;
/** Why a call did not work (HI-2); `my_` and `peer_` as the reader sees it. */
export type DiagnosisCode = keyof typeof DIAGNOSIS_TEXTS;

/**
 * The text of an event's `message`.
 * @param key which event @param language the receiver's language
 */
export function eventText(key: keyof typeof EVENT_TEXTS, language: Language): string {
  return EVENT_TEXTS[key][language];
}

/**
 * The text of an error's `message`.
 * @param reason the error's stable word @param language the receiver's language
 */
export function errorText(reason: ErrorReason, language: Language): string {
  return ERROR_TEXTS[reason][language];
}

/**
 * Why a call did not work, in plain language.
 * @param code the cause @param language the reader's language
 */
export function diagnosisText(code: DiagnosisCode, language: Language): string {
  return DIAGNOSIS_TEXTS[code][language];
}

/**
 * Chooses a language from an `Accept-Language` header or a BCP 47 tag.
 * @param header the header as it came; missing or unreadable means English
 */
export function chooseLanguage(header: string | undefined): Language {
  const ranked = (header ?? '')
    .slice(0, 256)
    .split(',')
    .map((part, index) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const q = parameters.map((p) => p.trim()).find((p) => p.startsWith('q='));
      const weight = q === undefined ? 1 : Number(q.slice(2));
      return { tag, index, weight: Number.isFinite(weight) ? weight : 0 };
    })
    .filter((choice) => choice.weight > 0)
    .sort((a, b) => b.weight - a.weight || a.index - b.index);
  for (const { tag } of ranked) {
    if (tag === 'zh' || tag.startsWith('zh-')) return 'zh-CN';
    if (tag === 'en' || tag.startsWith('en-')) return 'en';
  }
  return 'en';
}
