import * as fs from "node:fs";
import * as path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { renderApart } from "../../engine/renderApart";
import { directoryOf } from "../fixtures/files";

afterEach(() => vi.unstubAllEnvs());

test("the code of another checkout sees what it needs of the environment, and no secret", async () => {
  const directory = directoryOf({
    "package.json": "{}",
    "cli/render.ts": "console.log(JSON.stringify({ resources: [], outputs: { ...process.env } }));\n",
  });
  fs.symlinkSync(path.resolve(__dirname, "../../node_modules"), path.join(directory, "node_modules"));
  const secret = {
    KUBECONFIG: "/k",
    PULUMI_ACCESS_TOKEN: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    GITHUB_TOKEN: "c",
    NODE_OPTIONS: "--no-warnings",
  };
  const needed = { HTTPS_PROXY: "http://proxy", HELM_CACHE_HOME: "/c", SSL_CERT_FILE: "/ca" };
  for (const [name, value] of Object.entries({ ...secret, ...needed })) vi.stubEnv(name, value);
  const { outputs } = await renderApart({ directory, cwd: ".", stack: "dev", helm: "never", out: "out" });
  expect(outputs).toMatchObject({ ...needed, PATH: process.env["PATH"], NO_COLOR: "1" });
  for (const name of Object.keys(secret)) expect(outputs).not.toHaveProperty([name]);
});
