/**
 * Stryker's test runner for `policy/`: one bundle of all its tests, kept loaded in a warm process. Tests start cold for
 * every mutant with the runner for vitest, which takes twenty times as long.
 */
import { createRequire } from "node:module";
import * as fs from "node:fs";
import * as path from "node:path";
import * as vm from "node:vm";
import { INSTRUMENTER_CONSTANTS } from "@stryker-mutator/api/core";
import { declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import { build } from "esbuild";
import { Collection } from "./testApi.mjs";

/** Not run: tests that start processes of their own, in which no mutant is switched on, and slow ones of the whole. */
export const excluded = ["oddities.test.ts", "pack/host.test.ts", "pack/start.test.ts"];

/** What the instrumented code reads: which mutant is on, how often it may be reached. */
const switches = (globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {});

class WarmRunner {
  /** @type {vm.Script} */
  #script;
  #root = "";
  /** @type {NodeJS.Require} */
  #require;
  /** @type {import("./testApi.mjs").Test[]} */
  #tests = [];
  /** Whether the loaded modules were loaded with a mutant on. */
  #stale = true;
  /** Milliseconds a test took last, less than nothing if it has found a mutant: the latest finder comes first. */
  #rank = new Map();
  #found = 0;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    // Only now Stryker's copy of the project, with the mutants in it.
    const root = process.cwd();
    this.#root = root;
    this.#require = createRequire(path.join(root, "package.json"));
    // Tests of properties try few values, and always the same ones.
    process.env.MUTATION_TESTING = "1";
    const { outputFiles } = await build({
      stdin: { contents: entryPoint(root), resolveDir: root, loader: "js" },
      bundle: true,
      write: false,
      platform: "node",
      target: "node20",
      packages: "external",
      logLevel: "warning",
      plugins: [ownDirectory],
    });
    this.#script = new vm.Script(`(function (require, collection) {${outputFiles[0].text}\n})`, {
      filename: path.join(root, "policy.tests.cjs"),
    });
  }

  async dryRun() {
    this.#switch(undefined);
    this.#load();
    const tests = await this.#run(this.#tests, { bail: false, isRecorded: true });
    const { mutantCoverage } = switches;
    // Hundreds of megabytes, and needed no more.
    delete switches.mutantCoverage;
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun(options) {
    const { activeMutant, mutantActivation, reloadEnvironment, hitLimit } = options;
    const isStatic = mutantActivation === "static";
    const isFresh = isStatic || reloadEnvironment || this.#stale;
    if (isFresh) {
      this.#switch(isStatic ? activeMutant.id : undefined, hitLimit);
      try {
        // A mutant that is there from the start is there for this one run: no other part's tests are needed.
        this.#load(isStatic ? this.#areaOf(options.sandboxFileName) : undefined);
      } catch (error) {
        return this.#notLoaded(error);
      }
    }
    this.#stale = isStatic;
    const tests = this.#ordered(options);
    this.#switch(activeMutant.id, hitLimit);
    const results = await this.#run(tests, { bail: !options.disableBail });
    const timeOut = determineHitLimitReached(switches.hitCount, hitLimit);
    if (timeOut !== undefined) return toMutantRunResult(timeOut);
    if (!isStatic && (await this.#isDisturbed(results))) {
      this.#stale = true;
      // What an earlier mutant left behind in the modules was found, and this one not yet.
      if (!isFresh) return this.mutantRun(options);
    }
    return toMutantRunResult({ status: DryRunStatus.Complete, tests: results });
  }

  /** Modules that a mutant keeps from being loaded fail every test. */
  #notLoaded(error) {
    this.#stale = true;
    const [{ id, name, fileName }] = this.#tests;
    const failed = {
      id,
      name,
      fileName,
      timeSpentMs: 0,
      status: TestStatus.Failed,
      failureMessage: String(error),
    };
    return toMutantRunResult({ status: DryRunStatus.Complete, tests: [failed] });
  }

  /** Whether a test that found the mutant fails without it too. */
  async #isDisturbed(results) {
    const finders = new Set(results.filter(({ status }) => status === TestStatus.Failed).map(({ id }) => id));
    this.#switch(undefined);
    const again = await this.#run(
      this.#tests.filter(({ id }) => finders.has(id)),
      { bail: true },
    );
    return again.some(({ status }) => status === TestStatus.Failed);
  }

  #switch(activeMutant, hitLimit) {
    Object.assign(switches, { activeMutant, hitLimit, hitCount: activeMutant === undefined ? undefined : 0 });
  }

  /** Evaluates every module of the project anew, or what the tests of one area need; packages stay. */
  #load(area) {
    const collection = new Collection((file) => area === undefined || this.#areaOf(file) === area);
    this.#script.runInThisContext()(
      (name) => (name === "vitest" ? collection.api : this.#require(name)),
      collection,
    );
    this.#tests = collection.tests;
  }

  /** The tests of an area that reach the mutant: its file's own first, those that are likely to find something and quick. */
  #ordered({ testFilter, sandboxFileName }) {
    const area = this.#areaOf(sandboxFileName);
    const own = ownTestOf(path.relative(this.#root, sandboxFileName));
    const wanted = new Set(testFilter ?? this.#tests.map(({ id }) => id));
    const isOther = ({ fileName }) => Number(path.relative(this.#root, fileName) !== own);
    return this.#tests
      .filter(({ id, fileName }) => wanted.has(id) && this.#areaOf(fileName) === area)
      .sort((left, right) => isOther(left) - isOther(right) || this.#rankOf(left) - this.#rankOf(right));
  }

  #areaOf(file) {
    return areaOf(path.relative(this.#root, file));
  }

  #rankOf({ id }) {
    return this.#rank.get(id) ?? 0;
  }

  async #run(tests, { bail, isRecorded = false }) {
    const results = [];
    for (const { id, name, fileName, run } of tests) {
      // Which test reaches which mutant is written down only where someone asks: it takes time and memory.
      if (isRecorded) switches.currentTestId = id;
      const started = performance.now();
      let failureMessage;
      try {
        await run();
      } catch (error) {
        failureMessage = error instanceof Error ? error.message : String(error);
      }
      switches.currentTestId = undefined;
      const timeSpentMs = performance.now() - started;
      const result = { id, name, fileName, timeSpentMs };
      if (failureMessage === undefined) {
        results.push({ ...result, status: TestStatus.Success });
        if (this.#rankOf({ id }) >= 0) this.#rank.set(id, timeSpentMs);
      } else {
        results.push({ ...result, status: TestStatus.Failed, failureMessage });
        this.#rank.set(id, -++this.#found);
        if (bail) break;
      }
    }
    return results;
  }
}

/**
 * Part of `policy/` that has to notice its mutants by itself: whoever uses it would notice many of them too, late and
 * without a word about what is wrong.
 * @param {string} file `policy/model/jaeger.ts` or `test/policy/model/jaeger.test.ts`
 */
function areaOf(file) {
  const [, area] = /policy[/\\](reachability|pack)[/\\]/.exec(file) ?? [];
  return area ?? "rules";
}

/** `test/policy/model/jaeger.test.ts` of `policy/model/jaeger.ts`. */
function ownTestOf(file) {
  return path.join("test", file.replace(/\.ts$/, ".test.ts"));
}

function entryPoint(root) {
  const directory = path.join(root, "test/policy");
  return fs
    .readdirSync(directory, { recursive: true })
    .filter((file) => file.endsWith(".test.ts") && !excluded.includes(file))
    .sort()
    .map((file) => JSON.stringify(path.join(directory, file)))
    .map((file) => `collection.file(${file}, () => require(${file}));`)
    .join("\n");
}

/** Tests look for files beside themselves, also in a bundle. */
const ownDirectory = {
  name: "own-directory",
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]test[/\\].*\.ts$/ }, ({ path: file }) => ({
      contents: fs.readFileSync(file, "utf8").replaceAll("__dirname", JSON.stringify(path.dirname(file))),
      loader: "ts",
    }));
  },
};

function createRunner() {
  return new WarmRunner();
}
createRunner.inject = [];

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, "warm", createRunner)];
