/** The settings: environment in, one frozen {@link Config} out. Refuses to start on what is wrong or unsafe. */

/** Rates and counts, overridden by the variable `LIMITS` (a JSON object of these names). Source: PROTOCOL, "Limits". */
export interface Limits {
  readonly offersPerMinute: number;
  readonly offersPerPairPerMinute: number;
  readonly offersPerStrangerPairPerHour: number;
  readonly messagesPerSecond: number;
  readonly messagesBurst: number;
  readonly badFramesPerMinute: number;
  readonly socketsPerUser: number;
  readonly unauthenticatedSocketsPerAddress: number;
  readonly iceServersPer10Minutes: number;
  readonly failedLoginsPer30Minutes: number;
  readonly registrationsPerHour: number;
  readonly denialsPer10Minutes: number;
}

/** Every setting of the service. Units are in the names. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absolute path of the folder for the database file and the generated secret. */
  readonly dataDir: string;
  /** Absolute path of the SQLite file, or `:memory:`. */
  readonly databaseFile: string;
  readonly ringTimeoutMs: number;
  readonly stunUrls: readonly string[];
  readonly turnUrls: readonly string[];
  /** First signs; the others are still accepted by the TURN server during a rotation. */
  readonly turnSecrets: readonly string[];
  /** HS256 key bytes, at least 32. */
  readonly authSecret: Uint8Array;
  /** Where people reach the service, without a trailing slash, e.g. `https://calls.example.com`. */
  readonly publicUrl: string;
  /** Exact origins that may open a socket or read REST answers from a page. */
  readonly allowedOrigins: readonly string[];
  /** Addresses or CIDR ranges of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly busyPolicy: 'busy' | 'waiting';
  readonly denials: 'exact' | 'uniform';
  readonly limits: Limits;
}
