/** Serves and builds the examples; each has a `vite.config.ts` that is this one. */
import { defaultClientConditions, defineConfig } from 'vite';

/** Where `npm start` listens. */
const service = process.env['RINGDOWN_SERVICE'] ?? 'http://localhost:8080';

export default defineConfig({
  resolve: {
    // In this repository the SDK is taken from its sources; an application that installed it needs no condition.
    conditions: ['ringdown-source', ...defaultClientConditions],
    // Vue's build that compiles templates in the browser, so that the example needs no compiler of its own.
    alias: { vue: 'vue/dist/vue.esm-bundler.js' },
  },
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  },
  server: { proxy: { '/api': service, '/ws': { target: service, ws: true, rewriteWsOrigin: true } } },
});
