import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { placesIn, readStackFile, stackNames } from "../../engine/stackFile";
import { InputError } from "../../input/inputError";
import { temporaryDirectory, thrownBy, writeAll } from "../fixtures/temporary";

/** A project with the given files; `Pulumi.yaml` only names it unless it is given. */
function project(files: Record<string, string>): string {
  const directory = temporaryDirectory();
  writeAll(directory, { "Pulumi.yaml": "name: tracing\n", ...files });
  return directory;
}

async function refusal(directory: string, stack: string): Promise<string> {
  const error = await thrownBy(() => readStackFile(directory, stack));
  expect(error).toBeInstanceOf(InputError);
  return (error as Error).message;
}

describe("the values of a stack file", () => {
  test("are text as Pulumi hands it to programs: structures as JSON", () => {
    const dev = [
      "config:",
      "  tracing:text: plain",
      '  tracing:version: "1.30"',
      "  tracing:number: 1.30",
      "  tracing:flag: true",
      "  tracing:nothing:",
      "  tracing:section: { list: [1, two], deep: { key: value } }",
      "  kubernetes:context: kind",
    ];
    const directory = project({ "Pulumi.dev.yaml": dev.join("\n") });
    expect(readStackFile(directory, "dev")).toEqual({
      project: "tracing",
      program: directory,
      config: {
        "tracing:text": "plain",
        "tracing:version": "1.30",
        "tracing:number": "1.3",
        "tracing:flag": "true",
        "tracing:nothing": "null",
        "tracing:section": '{"list":[1,"two"],"deep":{"key":"value"}}',
        "kubernetes:context": "kind",
      },
    });
  });

  test("win over those of the project", () => {
    const directory = project({
      "Pulumi.yaml": "name: tracing\nconfig:\n  a:one: 1\n  a:two: 2\n",
      "Pulumi.dev.yaml": "config:\n  a:two: 3\n",
    });
    expect(readStackFile(directory, "dev").config).toEqual({ "a:one": "1", "a:two": "3" });
  });

  test.each(["", "config:\n", "# nothing\n"])("an empty file has none: %j", (content) => {
    expect(readStackFile(project({ "Pulumi.dev.yaml": content }), "dev").config).toEqual({});
  });
});

test("encrypted values of providers are theirs, and rendering does without them", () => {
  const content = "config:\n  kubernetes:kubeconfig:\n    secure: AAABAH\n  tracing:a: 1\n";
  expect(readStackFile(project({ "Pulumi.dev.yaml": content }), "dev").config).toEqual({ "tracing:a": "1" });
});

test("the place of a value is that of its key, or of the last key that is there", () => {
  const content = "# first\nconfig:\n  tracing:a:\n    b:\n      - c: 1\n      - d: 2\n        e.f: 3\n";
  const placeOf = placesIn(project({ "Pulumi.dev.yaml": content }), "dev");
  const places = [
    ["tracing:a"],
    ["tracing:a", "b", 1, "d"],
    ["tracing:a", "b", 1, "e.f"],
    ["tracing:a", "x", "y"],
  ];
  expect(places.map(placeOf)).toEqual([3, 6, 7, 3].map((line) => `Pulumi.dev.yaml:${line}`));
  expect(placeOf(["tracing:z"])).toBeUndefined();
});

describe("the directory of the program", () => {
  const programOf = (main: string, files: Record<string, string> = {}): string => {
    const pulumi = { "stacks/dev/Pulumi.yaml": `name: tracing\nmain: ${main}\n`, "index.ts": "" };
    const directory = project({ ...pulumi, "stacks/dev/Pulumi.dev.yaml": "", ...files });
    const { program } = readStackFile(path.join(directory, "stacks/dev"), "dev");
    return path.relative(directory, program);
  };

  test.each<[main: string, program: string]>([
    ["../..", ""],
    ["../../index.ts", ""],
    ["src", "stacks/dev/src"],
    [".", "stacks/dev"],
  ])("main: %s", (main, program) => {
    expect(programOf(main, { "stacks/dev/src/index.ts": "" })).toBe(program);
  });

  test("main that is no path", async () => {
    const directory = project({ "Pulumi.yaml": "name: tracing\nmain: [index.ts]\n", "Pulumi.dev.yaml": "" });
    expect(await refusal(directory, "dev")).toBe("Pulumi.yaml: main must be the program's path");
  });
});

describe("a stack without a file", () => {
  test("is told which there are", async () => {
    const directory = project({ "Pulumi.prod.yaml": "", "Pulumi.dev.yaml": "", "Pulumi.md": "" });
    expect(stackNames(directory)).toEqual(["dev", "prod"]);
    expect(await refusal(directory, "staging")).toBe(
      'there is no stack "staging": Pulumi.staging.yaml is missing\n' +
        "  fix: choose one of dev, prod, or create the file",
    );
  });

  test("is told to make one where there is none", async () => {
    expect(await refusal(project({}), "dev")).toBe(
      'there is no stack "dev": Pulumi.dev.yaml is missing\n  fix: create the file',
    );
  });

  test("cannot be a path to somewhere else", async () => {
    const directory = project({ "Pulumi.dev.yaml": "", "Pulumi.a/b.yaml": "" });
    expect(await refusal(directory, "a/b")).toBe(
      'there is no stack "a/b": Pulumi.a/b.yaml is missing\n  fix: choose one of dev, or create the file',
    );
  });
});

describe("a file that Pulumi would not take", () => {
  test.each<[what: string, content: string, message: string]>([
    [
      "a list that is not closed",
      "config:\n  a:b: [1,\n",
      "Pulumi.dev.yaml:3: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    ["a key twice", "config:\n  a:b: 1\n  a:b: 2\n", "Pulumi.dev.yaml:3: Map keys must be unique"],
    ["a tab", "\tconfig: x\n", "Pulumi.dev.yaml:1: Tabs are not allowed as indentation"],
    [
      "an alias of nothing",
      "config:\n  a:b: { c: *d }\n",
      "Pulumi.dev.yaml: Unresolved alias (the anchor must be set before the alias): d",
    ],
    ["a list", "- a\n", "Pulumi.dev.yaml: must be a map of keys to values"],
    ["a word", "config\n", "Pulumi.dev.yaml: must be a map of keys to values"],
    ["a list of values", "config: []\n", "Pulumi.dev.yaml: config must be a map of keys to values"],
    [
      "a key without project",
      "config:\n  istio: {}\n",
      "Pulumi.dev.yaml:2: istio needs a namespace\n  fix: write tracing:istio",
    ],
    ...[
      "config:\n  tracing:b:\n    secure: AAABAH\n",
      "config:\n  tracing:b: { c: [{ d: { secure: AAABAH } }] }\n",
    ].map((content): [string, string, string] => [
      "an encrypted value",
      content,
      "Pulumi.dev.yaml:2: tracing:b is encrypted, and rendering has no passphrase\n" +
        "  fix: no key of this project is a secret; set it without --secret",
    ]),
  ])("%s", async (_, content, message) => {
    expect(await refusal(project({ "Pulumi.dev.yaml": content }), "dev")).toBe(message);
  });

  test("a key called secure beside others is no encrypted value", () => {
    const content = "config:\n  a:b: { secure: yes, other: 1 }\n";
    expect(readStackFile(project({ "Pulumi.dev.yaml": content }), "dev").config).toEqual({
      "a:b": '{"secure":"yes","other":1}',
    });
  });
});

describe("a project that is none", () => {
  test("that leads to a device is not read to its end", async () => {
    const directory = temporaryDirectory();
    writeAll(directory, { "Pulumi.yaml": "name: mesh-tracing\n" });
    fs.symlinkSync("/dev/zero", path.join(directory, "Pulumi.dev.yaml"));
    expect(await thrownBy(() => readStackFile(directory, "dev"))).toEqual(
      new InputError(`${path.join(directory, "Pulumi.dev.yaml")} is a device\n  fix: name a regular file`),
    );
  });

  test.each([
    ["lists in lists", `${"- ".repeat(3000)}x\n`, "it is nested more than 100 levels deep"],
    [
      "aliases that stand for millions",
      [
        "a: &a [1,1,1,1,1,1,1,1,1]",
        ..."bcdefg".split("").map((key, index) => {
          const before = "abcdef"[index] ?? "";
          return `${key}: &${key} [${Array<string>(9).fill(`*${before}`).join()}]`;
        }),
      ].join("\n"),
      "its aliases stand for more than 20000 values",
    ],
  ])("of %s", async (_, text, rule) => {
    expect(await refusal(project({ "Pulumi.dev.yaml": text }), "dev")).toBe(`Pulumi.dev.yaml: ${rule}`);
  });

  test("without Pulumi.yaml", async () => {
    const directory = temporaryDirectory();
    expect(await refusal(directory, "dev")).toBe(`Pulumi.yaml is missing in ${directory}`);
  });

  test("without a name", async () => {
    expect(await refusal(project({ "Pulumi.yaml": "runtime: nodejs\n" }), "dev")).toBe(
      "Pulumi.yaml: name must be the project's name",
    );
  });
});
