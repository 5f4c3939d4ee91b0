/** The door of the server package, for an application that runs Ringdown inside its own process. */
export { type Config, ConfigError, type Limits, readConfig } from './config.ts';
export { createLogger, type Logger } from './log.ts';
export { createServer, type RunningServer, type ServerOptions } from './server.ts';
