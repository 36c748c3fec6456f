/**
 * Runs a command of this directory from one file of plain JavaScript, because starting counts:
 * `node cli/bundled.cjs audit …` is `tsx cli/audit.ts …` with a fifth of the time before the first line runs.
 * The file is made when it is missing or any source has changed since, and kept in `node_modules/.cache`.
 * Where that is not possible, tsx runs the sources.
 *
 * The npm script gives Node a young generation of 32 MiB a half (`--max-semi-space-size`): an audit makes many small
 * objects that live as long as it does, and copying them about in the default space costs a fifth of its time.
 */
const fs = require("node:fs");
const path = require("node:path");

const root = path.dirname(__dirname);
const [name, ...parameters] = process.argv.slice(2);
const source = path.join(__dirname, `${name}.ts`);
const bundle = path.join(root, "node_modules", ".cache", "mesh-tracing", `${name}.cjs`);

if (isFresh() || build()) {
  // The command sees its arguments where they always are.
  process.argv.splice(1, process.argv.length - 1, source, ...parameters);
  require(bundle);
} else {
  const tsx = [require.resolve("tsx/cli"), source, ...parameters];
  const { status } = require("node:child_process").spawnSync(process.execPath, tsx, { stdio: "inherit" });
  process.exitCode = status ?? 2;
}

/** Whether every file that went into the bundle is still what it was: the bundle's first line says what. */
function isFresh() {
  try {
    const content = fs.readFileSync(bundle, "utf8");
    const stamps = JSON.parse(content.slice("//".length, content.indexOf("\n")));
    return Object.entries(stamps).every(([file, stamp]) => stampOf(file) === stamp);
  } catch {
    return false;
  }
}

function build() {
  const start = Date.now();
  try {
    const { metafile, outputFiles } = require("esbuild").buildSync({
      entryPoints: [source],
      absWorkingDir: root,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      // Loaded only by --live, and large.
      external: ["@kubernetes/client-node"],
      metafile: true,
      write: false,
      outfile: bundle,
      logLevel: "silent",
    });
    const files = [...Object.keys(metafile.inputs), "package-lock.json"];
    // What was saved meanwhile may be in the bundle as it was before, so that this bundle is good for one run.
    const stamp = (file) => (fs.statSync(path.join(root, file)).mtimeMs >= start ? "" : stampOf(file));
    const stamps = Object.fromEntries(files.map((file) => [file, stamp(file)]));
    fs.mkdirSync(path.dirname(bundle), { recursive: true });
    // In one step, so that a command that starts at the same time never reads half a file.
    const draft = `${bundle}.${process.pid}`;
    fs.writeFileSync(draft, `//${JSON.stringify(stamps)}\n${outputFiles[0].text}`);
    fs.renameSync(draft, bundle);
    return true;
  } catch {
    return false;
  }
}

function stampOf(file) {
  const { mtimeMs, size } = fs.statSync(path.join(root, file));
  return `${mtimeMs} ${size}`;
}
