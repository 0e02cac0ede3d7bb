import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    reporters: ['default', './test/support/stack-report.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
