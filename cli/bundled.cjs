/**
 * Runs a command of this directory from one file of plain JavaScript, because starting counts:
 * `node cli/bundled.cjs audit …` is `tsx cli/audit.ts …` in a quarter of the time before the first line runs.
 * The file is made when it is missing or any source has changed since, and kept in `node_modules/.cache`.
 * Where that is not possible, tsx runs the sources.
 */
const fs = require("node:fs");
const path = require("node:path");

const root = path.dirname(__dirname);
const [name, ...parameters] = process.argv.slice(2);
const source = path.join(__dirname, `${name}.ts`);
const cache = path.join(root, "node_modules", ".cache", "mesh-tracing");
const bundle = path.join(cache, `${name}.cjs`);
const index = path.join(cache, `${name}.json`);

if (isFresh() || build()) {
  // The command sees its arguments where they always are.
  process.argv.splice(1, process.argv.length - 1, source, ...parameters);
  require(bundle);
} else {
  const tsx = [require.resolve("tsx/cli"), source, ...parameters];
  const { status } = require("node:child_process").spawnSync(process.execPath, tsx, { stdio: "inherit" });
  process.exitCode = status ?? 2;
}

/** Whether every file that went into the bundle is still what it was. */
function isFresh() {
  try {
    const stamps = JSON.parse(fs.readFileSync(index, "utf8"));
    return Object.entries(stamps).every(([file, stamp]) => stampOf(file) === stamp) && fs.existsSync(bundle);
  } catch {
    return false;
  }
}

function build() {
  try {
    const esbuild = require("esbuild");
    const { metafile, outputFiles } = esbuild.buildSync({
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
    fs.mkdirSync(cache, { recursive: true });
    replace(bundle, outputFiles[0].contents);
    replace(index, JSON.stringify(Object.fromEntries(files.map((file) => [file, stampOf(file)]))));
    return true;
  } catch {
    return false;
  }
}

function stampOf(file) {
  const { mtimeMs, size } = fs.statSync(path.join(root, file));
  return `${mtimeMs} ${size}`;
}

/** In one step, so that a command that starts at the same time never reads half a file. */
function replace(file, content) {
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, content);
  fs.renameSync(draft, file);
}
