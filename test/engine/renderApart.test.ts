import * as fs from "node:fs";
import * as path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { renderApart } from "../../engine/renderApart";
import { InputError } from "../../input/inputError";
import { directoryOf } from "../fixtures/files";

afterEach(() => vi.unstubAllEnvs());

function checkout(program: string): string {
  const directory = directoryOf({ "package.json": "{}", "cli/render.ts": program });
  fs.symlinkSync(path.resolve(__dirname, "../../node_modules"), path.join(directory, "node_modules"));
  return directory;
}

const request = { cwd: ".", stack: "dev", helm: "never", out: "out" } as const;

test("the code of another checkout sees what it needs of the environment, and no secret", async () => {
  const directory = checkout(
    "console.log(JSON.stringify({ resources: [], outputs: { ...process.env } }));\n",
  );
  const secret = {
    KUBECONFIG: "/k",
    PULUMI_ACCESS_TOKEN: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    GITHUB_TOKEN: "c",
    NODE_OPTIONS: "--no-warnings",
  };
  const needed = { HTTPS_PROXY: "http://proxy", HELM_CACHE_HOME: "/c", SSL_CERT_FILE: "/ca" };
  for (const [name, value] of Object.entries({ ...secret, ...needed })) vi.stubEnv(name, value);
  const { outputs } = await renderApart({ ...request, directory });
  expect(outputs).toMatchObject({ ...needed, PATH: process.env["PATH"], NO_COLOR: "1" });
  for (const name of Object.keys(secret)) expect(outputs).not.toHaveProperty([name]);
});

test.each([
  ["never ends", "while (true) {}", "its program was ended because it did not finish within 3 s"],
  [
    "ignores being told to end",
    'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);',
    "its program was ended because it did not finish within 3 s",
  ],
  [
    "never stops printing",
    'const more = () => process.stdout.write("x".repeat(65536), more); more();',
    "its program was ended because it did not stop after printing 1000000 characters",
  ],
])("a program that %s is ended, and said", async (_, program, problem) => {
  const limits = { milliseconds: 3000, characters: 1_000_000 };
  await expect(renderApart({ ...request, directory: checkout(program), limits })).rejects.toThrow(
    new InputError(problem),
  );
});
