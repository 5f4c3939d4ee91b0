/** The static checks: types, then form and import boundaries, then what nobody uses. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MODULES, projectNode, ROOT } from '../setup/places.mjs';
import { runChild } from './child.mjs';
import { checkOutcome } from './tally.mjs';

/**
 * @param {number} deadline ms since the epoch
 * @returns {Promise<import('./tally.mjs').Outcome[]>} one for every check
 */
export async function runChecks(deadline) {
  const outcomes = [];
  for (const { name, command } of checks()) {
    const outcome = checkOutcome(name, await runChild(command, deadline));
    console.log(`${outcome.failed === 0 ? '✓' : '✗'} ${name}`);
    outcomes.push(outcome);
  }
  return outcomes;
}

function checks() {
  const node = projectNode();
  /** @param {string[]} path */
  const tool = (...path) => [node, join(MODULES, ...path)];
  return [
    ...typeScriptProjects().map((project) => ({
      name: `types of ${project}`,
      command: [...tool('typescript', 'bin', 'tsc'), '-p', project],
    })),
    {
      name: 'form, lint and import boundaries',
      command: [
        ...tool('@biomejs', 'biome', 'bin', 'biome'),
        'ci',
        `--colors=${process.stdout.isTTY ? 'force' : 'off'}`,
      ],
    },
    { name: 'nothing unused', command: [...tool('knip', 'bin', 'knip.js'), '--no-progress'] },
  ];
}

/** Every workspace that has one, the examples' and the tests'; workspaces are found, not listed, so that none is forgotten. */
function typeScriptProjects() {
  const workspaces = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}/tsconfig.json`),
  );
  return [
    ...workspaces.filter((path) => existsSync(join(ROOT, path))),
    'examples/tsconfig.json',
    'tsconfig.tests.json',
  ];
}
