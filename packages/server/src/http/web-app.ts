/** The built web app: its files, read once at the start, and the answer to a page that is opened by its address. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Context } from 'hono';

const TYPES: Readonly<Record<string, string>> = Object.freeze({
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wav': 'audio/wav',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
});
/** What gets smaller by packing. */
const PACKABLE = /^(?:text\/|application\/|image\/svg)/;

interface File {
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly packed: Uint8Array<ArrayBuffer> | undefined;
}

/** Answers a request for a file of the app; undefined when it is none of ours to answer. */
export type WebApp = (c: Context) => Response | undefined;

/**
 * Reads the built app into memory, a few hundred kilobytes. What is not in there cannot be asked for, so no path can
 * lead out of the folder.
 * @param webRoot absolute path of the folder with `index.html`
 * @throws the file system's error
 */
export function webApp(webRoot: string): WebApp {
  const files = new Map<string, File>();
  for (const entry of readdirSync(webRoot, { recursive: true, encoding: 'utf8' })) {
    const path = join(webRoot, entry);
    if (statSync(path).isFile()) files.set(`/${relative(webRoot, path).split(sep).join('/')}`, load(path));
  }
  return (c) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return undefined;
    const { path } = c.req;
    const isPage = !path.startsWith('/api/') && (c.req.header('accept') ?? '').includes('text/html');
    const file = files.get(path === '/' ? '/index.html' : path) ?? (isPage ? files.get('/index.html') : undefined);
    return file && send(c, file);
  };
}

function load(path: string): File {
  const plain = new Uint8Array(readFileSync(path));
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  const packed = PACKABLE.test(type) && plain.length > 1024 ? new Uint8Array(gzipSync(plain, { level: 9 })) : undefined;
  // The build puts a hash of the content into the names of these, so that one name never means two contents.
  const isHashed = /[/\\]assets[/\\][^/\\]+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/.test(path);
  return {
    type,
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    cacheControl: isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    plain,
    packed: packed && packed.length < plain.length ? packed : undefined,
  };
}

function send(c: Context, file: File): Response {
  c.header('Content-Type', file.type);
  c.header('Cache-Control', file.cacheControl);
  c.header('ETag', file.etag);
  if (file.packed) c.header('Vary', 'Accept-Encoding', { append: true });
  const known = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(file.etag)) return c.body(null, 304);
  if (file.packed && /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')) {
    c.header('Content-Encoding', 'gzip');
    return c.body(file.packed);
  }
  return c.body(file.plain);
}
