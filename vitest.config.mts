import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Pulumi's runtime is one per process: files run in processes of their own, tests in a file one by one.
    pool: "forks",
    testTimeout: 60_000,
  },
});
