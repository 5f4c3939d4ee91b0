/** The command: arguments in, a report and an exit code out. It opens sockets to the server under test and nothing else. */
import { writeFileSync } from 'node:fs';
import { gather } from './accounts.ts';
import { CannotRun, oneLine } from './cannot-run.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { Pace } from './pace.ts';
import { checkRelations, look, reach } from './preflight.ts';
import { Terminal } from './report.ts';
import { chosen, run } from './run.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { Unmet } from './unmet.ts';

/** How long one listens before believing that nothing comes, ms. */
const QUIET_MS = 30;
/** How long after its time is up a run may still tidy up, ms. */
const TIDY_MS = 10_000;

const [PASSED, FAILED, NOT_JUDGED] = [0, 1, 2];

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
const code = await main(process.argv.slice(2));
// Connections that REST keeps open do not hold the end up; what was written does.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === 'help') console.log(HELP);
    else if (options === 'list') list();
    else return await judge(options);
    return PASSED;
  } catch (error) {
    // An Unmet out here was met before anything was judged: the server does not even let the kit in as it should.
    if (!(error instanceof CannotRun || error instanceof Unmet)) throw error;
    console.error(`conformance: ${error.message}`);
    return NOT_JUDGED;
  }
}

function list(): void {
  for (const [group, scenarios] of Object.entries(SCENARIOS)) {
    console.log(group);
    for (const { name, title, rules } of scenarios) console.log(`  ${name} [${rules.join(', ')}] ${title}`);
  }
}

async function judge(options: Options): Promise<number> {
  const { url, rest, players, timeoutMs, json } = options;
  setTimeout(() => {
    console.error('conformance: the time is up and the server does not let go');
    process.exit(FAILED);
  }, timeoutMs + TIDY_MS).unref();
  // A file that cannot be written is known before the playing, not after it.
  if (json !== undefined) write(json, '');
  const terminal = new Terminal((line) => console.log(line), process.stdout.isTTY && !process.env['NO_COLOR']);
  const target = { url, rest };
  chosen(options);
  const pace = new Pace(options.patienceMs, QUIET_MS, false);
  await reach(target, pace);
  const gathered = await gather(players, target);
  const offered = await look(target, gathered, pace.fresh());
  const able = pace.fresh(offered.ping);
  const troupe = gathered.own ? gathered : await checkRelations(target, gathered, able);
  const people = troupe.left.length + troupe.right.length;
  terminal.say(
    `${url.split('?')[0]}, ${people} accounts, ${offered.extended ? 'extended protocol offered' : 'the contract alone'}`,
  );
  const report = await run(options, troupe, { target, offered, pace: able, past: new Set() }, terminal);
  terminal.sum(report);
  if (json !== undefined) write(json, `${JSON.stringify(report, null, 2)}\n`);
  const { passed, failed } = report.totals;
  if (failed > 0 || !report.complete) return FAILED;
  return passed > 0 ? PASSED : NOT_JUDGED;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new CannotRun(`--json ${file} cannot be written: ${oneLine(error)}`);
  }
}
