/** Which language the app speaks, and the one function that speaks it. */
import type { Language } from '@ringdown/protocol';
import { storage } from '../base/storage.ts';
import { Store } from '../base/store.ts';
import { en, type TextKey } from './en.ts';
import { zhCn } from './zh-cn.ts';

const CATALOGUES: Record<Language, Record<TextKey, string>> = { en, 'zh-CN': zhCn };
const KEY = 'ringdown.language';

/** The languages to choose from, each by its own name. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', 'zh-CN': '简体中文' };

/** The language of the app. */
export const language = new Store<Language>('en');

/**
 * Chooses the language: the remembered one, else the first of the browser's that the app speaks, else English.
 * @param remembered what was stored
 * @param preferred BCP 47 tags, best first
 */
export function pickLanguage(remembered: string | null, preferred: readonly string[]): Language {
  if (remembered !== null && Object.hasOwn(CATALOGUES, remembered)) return remembered as Language;
  for (const tag of preferred) {
    const primary = tag.toLowerCase().split('-')[0];
    if (primary === 'zh') return 'zh-CN';
    if (primary === 'en') return 'en';
  }
  return 'en';
}

/** Sets the language from the browser, at the start. */
export function startLanguage(): void {
  speak(pickLanguage(storage.getItem(KEY), navigator.languages));
}

/** Changes the language and remembers it. */
export function chooseLanguage(chosen: Language): void {
  storage.setItem(KEY, chosen);
  speak(chosen);
}

function speak(chosen: Language): void {
  document.documentElement.lang = chosen;
  language.set(chosen);
}

/**
 * The text of a key in the language of the app.
 * @param key which text
 * @param values what stands for each `{name}` in it; a missing one stays visible
 */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return CATALOGUES[language.value][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
