/** How the web app is built and served while it is being written. */
import { defaultClientConditions, defineConfig } from 'vite';

/** The service that answers the API while developing; `npm start` listens here. */
const service = 'http://127.0.0.1:8080';

export default defineConfig({
  // The workspace packages are taken from their sources, so that a build needs no build before it.
  resolve: { conditions: ['ringdown-source', ...defaultClientConditions] },
  build: {
    target: 'es2023',
    // The content security policy lets no inline script or style through, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': service,
      '/avatars': service,
      '/ws': { target: service, ws: true },
    },
  },
});
