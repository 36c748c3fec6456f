import { defineConfig } from "vitest/config";

/** The tests that mutation testing repeats: those of `policy/`, in one process, with fewer random runs. */
export default defineConfig({
  test: {
    include: ["test/policy/**/*.test.ts"],
    env: { MUTATION_TESTING: "1" },
    testTimeout: 20_000,
  },
});
