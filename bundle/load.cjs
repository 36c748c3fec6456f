/**
 * Runs a TypeScript file of this project from one file of plain JavaScript, because starting counts: to compile the
 * sources and to look up some hundred files of packages takes longer than most of what runs here.
 *
 * The bundle is made by esbuild when it is missing or any file in it has changed since, and kept in
 * `node_modules/.cache`, with what V8 compiled of it. Where nothing can be kept it is made anew each time.
 */
"use strict";
const { randomUUID } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");
const { postponed, unneeded } = require("./unneeded.cjs");

const root = path.dirname(__dirname);
const cache = path.join(root, "node_modules", ".cache", "mesh-tracing");
const requireFromRoot = Module.createRequire(path.join(root, "package.json"));

/**
 * What a source exports.
 * @param {string} entry its path from the project's root
 * @param {string[]} shared packages that stay outside, because whoever runs this has them loaded
 */
module.exports = function load(entry, shared = []) {
  const file = path.join(cache, `${entry.replaceAll(/[/\\]/g, "-").replace(/\.ts$/, "")}.cjs`);
  const text = fresh(file) ?? build(entry, shared, file);
  return run(text, file, path.join(root, entry));
};

/** A bundle that was made of what the files are now; its first line says what they were then. */
function fresh(file) {
  try {
    // esbuild writes ASCII, for which this is the quickest.
    const text = fs.readFileSync(file, "latin1");
    const { stamps } = commentOf(text, 0);
    return Object.entries(stamps).every(([input, stamp]) => stampOf(input) === stamp) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** @throws esbuild's errors, with file and line, where the sources have any */
function build(entry, shared, file) {
  // Files are stamped by a coarser clock than this one.
  const start = Date.now() - 20;
  const { metafile, outputFiles } = requireFromRoot("esbuild").buildSync({
    entryPoints: [path.join(root, entry)],
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // The client of a cluster is large, and most runs need none.
    external: ["@kubernetes/client-node", ...unneeded, ...shared],
    // What is external is required: a compiled script has no `import()` of its own.
    supported: { "dynamic-import": false },
    sourcemap: "external",
    sourcesContent: false,
    metafile: true,
    write: false,
    outfile: file,
    logLevel: "silent",
  });
  const text = (extension) => outputFiles.find((output) => output.path.endsWith(extension)).text;
  const sources = Object.keys(metafile.inputs);
  const inputs = [...sources, ...sources.flatMap(shadowsOf), "package-lock.json", "bundle/load.cjs"];
  // What was saved meanwhile may be in the bundle as it was before, so that this bundle is good for one run.
  const isLate = (input) =>
    (fs.statSync(path.join(root, input), { throwIfNoEntry: false })?.ctimeMs ?? 0) >= start;
  const stamp = (input) => (isLate(input) ? "" : stampOf(input));
  const stamps = Object.fromEntries(inputs.map((input) => [input, stamp(input)]));
  const comments = [{ id: randomUUID(), stamps }, positions(text(".map"), file)].map(comment);
  const bundle = [...comments, text(".cjs")].join("\n");
  keep(file, bundle);
  return bundle;
}

/** Files that are not there, and that `./place` would mean if they were, instead of a directory's `place/index.ts`. */
function shadowsOf(input) {
  const directory = /^(?!.*node_modules\/)(.+)\/index\.\w+$/.exec(input)?.[1];
  return directory === undefined ? [] : [".tsx", ".ts", ".jsx", ".js", ".json"].map((end) => directory + end);
}

/** Any change of a file changes its stamp: unlike the other times, ctime cannot be set back. */
function stampOf(input) {
  const stat = fs.statSync(path.join(root, input), { throwIfNoEntry: false });
  return stat === undefined ? "absent" : `${stat.mtimeMs} ${stat.ctimeMs} ${stat.size}`;
}

/** In one step, so that whoever starts at the same time never reads half a file. */
function keep(file, content) {
  const draft = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(cache, { recursive: true });
    fs.writeFileSync(draft, content);
    fs.renameSync(draft, file);
  } catch {
    // Packages may be read-only.
  }
}

function comment(value) {
  // ASCII, as the rest: a file's name may have more than that.
  const json = JSON.stringify(value).replace(
    /[^ -~]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `//${json}`;
}

/** What the comment on a line of the bundle says. */
function commentOf(text, line) {
  let start = 0;
  for (let before = 0; before < line; before++) start = text.indexOf("\n", start) + 1;
  return JSON.parse(text.slice(start + "//".length, text.indexOf("\n", start)));
}

function run(text, file, source) {
  const { id } = commentOf(text, 0);
  const compiled = `${file}.v8`;
  const cachedData = compiledOf(compiled, id);
  const script = new vm.Script(Module.wrap(text), { filename: file, cachedData });
  if (cachedData === undefined || script.cachedDataRejected) {
    // At the end, when V8 has compiled all that a run needs.
    process.once("exit", () => keep(compiled, Buffer.concat([Buffer.from(id), script.createCachedData()])));
  }
  showSources(() => commentOf(text, 1), file);
  const bundled = new Module(source);
  const requireNeeded = (id) => (unneeded.includes(id) ? postponed(id) : requireFromRoot(id));
  Object.assign(requireNeeded, requireFromRoot);
  script
    .runInThisContext()
    .call(bundled.exports, bundled.exports, requireNeeded, bundled, source, path.dirname(source));
  return bundled.exports;
}

/** What V8 compiled of a bundle. V8 itself compares no more than its own version and the length of the text. */
function compiledOf(file, id) {
  try {
    const content = fs.readFileSync(file);
    return content.toString("latin1", 0, id.length) === id ? content.subarray(id.length) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * For every line of the bundle that comes from this project: which file and which line it was. The map itself is ten
 * times as large, and Pulumi asks for the position of every resource.
 */
function positions(map, file) {
  const parsed = JSON.parse(map);
  const sourceMap = new Module.SourceMap(parsed);
  const sources = [];
  const lines = [];
  const lineCount = parsed.mappings.split(";").length;
  for (let line = 0; line < lineCount; line++) {
    const entry = sourceMap.findEntry(line, Number.MAX_SAFE_INTEGER);
    if (entry.generatedLine !== line || entry.originalSource === undefined) continue;
    const from = path.relative(root, path.resolve(path.dirname(file), entry.originalSource));
    if (from.split(path.sep).includes("node_modules")) continue;
    const known = sources.indexOf(from);
    // Two lines of comments come before, and people count from one.
    lines.push([line + 3, known < 0 ? sources.push(from) - 1 : known, entry.originalLine + 1]);
  }
  return { sources, lines };
}

/**
 * Stack traces with the sources' places. In Pulumi's hosts this takes the place of a library that reads the source maps
 * of all packages, at a tenth of a preview's time.
 */
function showSources(readPositions, file) {
  let sources;
  let places;
  const placeOf = (line) => {
    if (places === undefined) {
      const positions = readPositions();
      ({ sources } = positions);
      places = new Map(positions.lines.map(([bundled, source, from]) => [bundled, [source, from]]));
    }
    const place = places.get(line);
    return place === undefined ? undefined : `${path.join(root, sources[place[0]])}:${place[1]}:1`;
  };
  Error.prepareStackTrace = (error, sites) => {
    const frames = sites.map((site) => {
      const text = String(site);
      if (site.getFileName() !== file) return text;
      const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
      return text.replace(`${file}:${line}:${column}`, (bundled) => placeOf(line) ?? bundled);
    });
    return [titleOf(error), ...frames.map((frame) => `    at ${frame}`)].join("\n");
  };
}

/** An error may have any `toString`; what V8 prints is this. */
function titleOf(error) {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}
