/** The command: environment to settings, settings to a running server, signals to an orderly stop. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PASSWORD_COST } from './auth/password.ts';
import { ConfigError, readConfig } from './config.ts';
import { createLogger } from './log.ts';
import { createServer } from './server.ts';

/** A second signal forces the stop, unless it comes with the first: terminals may send Ctrl-C twice within 1 ms. */
const FORCE_AFTER_MS = 1_000;
/** The longest a stop may take before it is forced, ms. */
const STOP_WITHIN_MS = 30_000;

function fail(message: string): never {
  process.stderr.write(`ringdown: ${message}\n`);
  process.exit(1);
}

/** Runs the service until it is told to stop. Ends the process when it cannot start. */
export async function run(): Promise<void> {
  const [unknown] = process.argv.slice(2);
  if (unknown !== undefined) fail(`unknown argument ${unknown}; settings come from the environment`);

  const config = (() => {
    try {
      return readConfig(process.env, process.cwd());
    } catch (error) {
      if (error instanceof ConfigError) fail(error.message);
      throw error;
    }
  })();
  const log = createLogger({ level: config.logLevel });
  if (config.passwordCost < PASSWORD_COST.usual) {
    log.warn(
      { passwordCost: config.passwordCost },
      'new passwords are hashed cheaply: whoever steals the database guesses them soon',
    );
  }
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was left alone'));

  const webRoot = fileURLToPath(new URL('../../../apps/web/dist/', import.meta.url));
  const server = await createServer({ config, log, ...(existsSync(webRoot) && { webRoot }) }).catch((error: Error) => {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      fail(`port ${config.port} on ${config.host} is taken; stop what uses it or set PORT to another`);
    }
    fail(error.message);
  });

  let firstSignalAt: number | undefined;
  const stop = () => {
    const now = performance.now();
    if (firstSignalAt !== undefined) {
      if (now - firstSignalAt >= FORCE_AFTER_MS) process.exit(1);
      return;
    }
    firstSignalAt = now;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the stop failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  const address = config.port === 0 ? `http://localhost:${server.port}` : config.publicUrl;
  process.stdout.write(
    `\nRingdown is ready: ${address}\n\n` +
      'Your first call:\n' +
      `  1. Open ${address} in two browsers (or a normal and a private window) and sign up as two people.\n` +
      '  2. In one, find the other by name and send a friend request; accept it in the other.\n' +
      '  3. Press the camera beside the name. The other side rings.\n\n' +
      `API: ${address}/openapi.json · data: ${config.dataDir} · stop with Ctrl-C\n\n`,
  );
}
