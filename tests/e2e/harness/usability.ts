/** Whether a screen can be used by everybody: by a screen reader, and on a small screen. */
import axe from 'axe-core';
import type { Person } from './person.ts';

/** Serious and critical violations of WCAG 2.2 AA on the screen as it is, each as one readable line. */
export async function violations({ page }: Person): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const found = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    const grave = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return grave.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 120)} ${node.failureSummary}`),
    );
  });
}

/** How far the page can be moved sideways, in CSS pixels. */
export function overhang({ page }: Person): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
