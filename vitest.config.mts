import { defineConfig } from "vitest/config";

/** Tests of plain functions over plain objects: no Pulumi, no mocks, nothing that one file leaves behind for another. */
const pure = ["test/policy/{model,paths,platforms,reachability,rules}/**/*.test.ts", "test/policy/*.test.ts"];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        // Pulumi's runtime is one per process: files run in processes of their own, tests in a file one by one.
        test: { name: "all", include: ["test/**/*.test.ts"], exclude: pure, pool: "forks" },
      },
      {
        extends: true,
        // Files share what they import, which takes longer to load than most of them to run.
        test: { name: "pure", include: pure, pool: "threads", isolate: false },
      },
    ],
  },
});
