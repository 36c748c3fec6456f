/** The part of vitest's interface that tests of `policy/` use, for a runner that keeps them loaded. */
import { format } from "node:util";
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";
import { restoreAllMocks, spyOn } from "@vitest/spy";
import * as chai from "chai";

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

/**
 * A test as it was collected.
 * @typedef {{ id: string, name: string, fileName: string, run: () => Promise<void> }} Test
 */

/** Collects tests: the functions in `api` are what test files import, `tests` what they registered. */
export class Collection {
  /** @type {Test[]} */
  tests = [];
  #fileName = "";
  /** What surrounds the next test: names, and what is to be done after it. */
  #suite = { names: /** @type {string[]} */ ([]), after: /** @type {(() => unknown)[]} */ ([]) };
  #ids = new Set();

  api = {
    describe: withEach((name, body) => this.#describe(name, body)),
    it: Object.assign(
      withEach((name, body) => this.#it(name, body)),
      { skipIf: (skip) => (skip ? () => undefined : (name, body) => this.#it(name, body)) },
    ),
    afterEach: (hook) => void this.#suite.after.push(hook),
    expect: chai.expect,
    vi: { spyOn, restoreAllMocks },
  };

  #isWanted;

  /** @param {(fileName: string) => boolean} isWanted whether a test file is to be loaded at all */
  constructor(isWanted) {
    this.#isWanted = isWanted;
  }

  /** Loads one test file. */
  file(fileName, load) {
    if (!this.#isWanted(fileName)) return;
    this.#fileName = fileName;
    load();
  }

  #describe(name, body) {
    const outer = this.#suite;
    this.#suite = { names: [...outer.names, name], after: [...outer.after] };
    body();
    this.#suite = outer;
  }

  #it(name, body) {
    const { names, after } = this.#suite;
    const fullName = [...names, name].join(" > ");
    // Rows of a table may share a name.
    let id = `${this.#fileName}#${fullName}`;
    while (this.#ids.has(id)) id += "'";
    this.#ids.add(id);
    const run = async () => {
      try {
        await body();
      } finally {
        for (const hook of after) await hook();
      }
    };
    this.tests.push({ id, name: fullName, fileName: this.#fileName, run });
  }
}

/** `describe` or `it`, with its `.each`. */
function withEach(define) {
  const each = (rows) => (title, body) => {
    rows.forEach((row, index) => {
      const values = Array.isArray(row) ? row : [row];
      define(titleOf(title, values, index), () => body(...values));
    });
  };
  return Object.assign((name, body) => define(name, body), { each });
}

/** A row's title: `$key` of an object, or `%s` and its like. */
function titleOf(title, values, index) {
  const [first] = values;
  const named = title
    .replaceAll("%#", String(index))
    .replaceAll(/\$(\w+)/g, (all, key) =>
      Object(first) === first && key in first ? String(first[key]) : all,
    );
  return format(named, ...values.slice(0, (named.match(/%[sdifjoO]/g) ?? []).length));
}
