import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// What tests start compiles its code once: to strip the types of src/ costs a process 0.4 s of CPU.
const NODE_COMPILE_CACHE = fileURLToPath(new URL('node_modules/.cache/compile', import.meta.url));

const tier = (name: string, options: Record<string, unknown> = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], env: { NODE_COMPILE_CACHE }, ...options },
});

/** One project a tier; `vitest run --project unit` runs one of them. */
// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    // Two cores is what a laptop's CI has. Tests of whole stacks wait for half of their time: a third worker fills it.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    projects: [
      tier('unit'),
      tier('protocol'),
      tier('broker'),
      tier('streams'),
      tier('tui', { testTimeout: 60_000, hookTimeout: 60_000 }),
      tier('docs'),
      // What needs a Docker engine: npm run test:docker.
      tier('docker', {
        ...{ testTimeout: 600_000, hookTimeout: 180_000, fileParallelism: false },
        globalSetup: 'test/docker/set-up.ts',
      }),
      tier('commands', { testTimeout: 60_000, hookTimeout: 60_000 }),
      tier('e2e', { testTimeout: 180_000, hookTimeout: 60_000 }),
    ],
  },
});
