import { defineConfig } from 'vitest/config';

const source = ['source', 'node'];

/** Unit tests lie beside the code; what spans libraries and needs real hosts lies in `test/`. */
export default defineConfig({
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    // much of the time is spent waiting, on hosts or for them
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'libs/**/*.spec.ts',
            'apps/**/*.spec.ts',
            'test/arrows.spec.ts',
            'test/docs/**/*.spec.ts',
            'test/properties/**/*.spec.ts',
            'test/conductor/**/*.spec.ts',
            'test/simulator/**/*.spec.ts',
          ],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'hosts',
          include: ['test/{lab,hosts,bundle,inventory,e2e,faults}/**/*.spec.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
