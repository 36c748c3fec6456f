/** `npm run mutation` gives the tests of `policy/` an interface of its own: what they import has to be in it. */
import * as fs from "node:fs";
import * as path from "node:path";
import { expect, it } from "vitest";

const directory = path.join(__dirname, "../policy");
const files = fs.readdirSync(directory, { recursive: true, encoding: "utf8" });

it("has what the tests that are run on it import from vitest", async () => {
  const { Collection } = (await import(path.join(__dirname, "../../mutation/testApi.mjs"))) as {
    Collection: new () => { api: object };
  };
  const { excluded } = (await import(path.join(__dirname, "../../mutation/runner.mjs"))) as {
    excluded: string[];
  };
  const known = Object.keys(new Collection().api);
  const missing = files
    .filter((file) => file.endsWith(".test.ts") && !excluded.includes(file))
    .flatMap((file) => {
      const text = fs.readFileSync(path.join(directory, file), "utf8");
      const names = /import \{([^}]*)\} from "vitest"/.exec(text)?.[1]?.split(",") ?? [];
      return names
        .map((name) => name.trim())
        .filter((name) => name !== "" && !known.includes(name))
        .map((name) => `${file}: ${name}`);
    });
  expect(missing).toEqual([]);
});
