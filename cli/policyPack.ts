/**
 * `npm run policy:pack -- --out <dir>`: the policy pack as a directory of its own, for `pulumi policy publish`
 * and for projects without this one beside them. `policy/` itself needs the files around it.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { build } from "esbuild";
import { InputError } from "../input/inputError";
import { runCommand } from "./command";
import { assertNothingKept, commandCalled } from "./commandLine";

const root = path.join(__dirname, "..");

/** Pulumi's own packages stay outside: its policy host has to share them with the pack. */
const external = ["@pulumi/policy", "@pulumi/pulumi"];

const command = commandCalled(
  "npm run policy:pack --",
  "Write the policy pack as a directory of its own, to publish it or to use it elsewhere.",
)
  .requiredOption("--out <dir>", "directory to write to; its files of the same names are replaced")
  .addHelpText(
    "after",
    "\nThen, in that directory: npm install && pulumi policy publish <organization>\n" +
      "or anywhere else:       pulumi preview --policy-pack <dir>",
  )
  .action(({ out }: { out: string }) => writePack(out));

void runCommand(async () => {
  assertNothingKept(command);
  await command.parseAsync();
});

async function writePack(directory: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, "policy", "index.ts")],
    bundle: true,
    external,
    platform: "node",
    format: "cjs",
    target: "node20",
    write: false,
    logLevel: "silent",
  });
  const files = {
    "index.js": outputFiles[0]?.text ?? "",
    "package.json": `${JSON.stringify(manifest(), undefined, 2)}\n`,
    "PulumiPolicy.yaml": fs.readFileSync(path.join(root, "policy", "PulumiPolicy.yaml"), "utf8"),
  };
  try {
    fs.mkdirSync(directory, { recursive: true });
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(directory, name), text);
  } catch (error) {
    throw new InputError(`${directory} cannot be written: ${(error as Error).message}`);
  }
  process.stdout.write(`${Object.keys(files).join(", ")} in ${directory}\n`);
}

/** The pack's own description, with the packages it needs where this project is not. */
function manifest(): object {
  const { name, version, description } = readJson("policy/package.json");
  const { dependencies, engines } = readJson("package.json");
  const needed = external.map((one) => [one, (dependencies as Record<string, string>)[one]]);
  return {
    name,
    version,
    description,
    private: true,
    main: "index.js",
    engines,
    dependencies: Object.fromEntries(needed) as unknown,
  };
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(fs.readFileSync(path.join(root, file), "utf8")) as Record<string, unknown>;
}
