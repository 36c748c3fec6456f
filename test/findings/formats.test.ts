import { describe, expect, test } from "vitest";
import { type Format, formats, print as printWith } from "../../findings/formats";
import { allRules } from "../../policy/rules";
import { type Finding, stdinName } from "../../findings/finding";
import { type Report } from "../../findings/summary";

const print = (report: Report, format: Format, color: boolean): string =>
  printWith(report, format, color, allRules);

const blocked: Finding = {
  rule: "trace-path-open",
  level: "error",
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  namespace: "auth",
  name: "allow-jaeger-egress",
  message: "NetworkPolicy auth/allow-jaeger-egress does not allow TCP 9411",
  fix: "# add to spec.egress[0].ports\n- protocol: TCP\n  port: 9411",
  file: "deploy/auth.yaml:12",
};
const doubt: Finding = {
  rule: "telemetry-mesh-wide",
  level: "warning",
  kind: "Telemetry",
  namespace: "",
  name: "mesh-default",
  message: "Telemetry mesh-default is not in the input",
  fix: "",
};
const report = { findings: [blocked, doubt], read: "12 objects from 3 files" };
const clean = { findings: [], read: "1 object from 1 file" };

describe("text", () => {
  test("most severe first, fixes ready to paste, the verdict last", () => {
    const second = { ...blocked, level: "info" as const, message: "One line\nand another", fix: "" };
    const judged = { senders: 2, open: 3, closed: 1, unknown: 0, assumptions: ["it is so"] };
    const skipped = [{ file: "x.yaml", line: 3, why: "bad", isBroken: true as const }];
    const passedBy = { skipped, warnings: ["a is there 2 times"] };
    expect(print({ ...report, findings: [second, doubt, blocked], judged, passedBy }, "text", false)).toBe(
      `error [trace-path-open] NetworkPolicy auth/allow-jaeger-egress does not allow TCP 9411
  at deploy/auth.yaml:12
  fix:
    # add to spec.egress[0].ports
    - protocol: TCP
      port: 9411

warning [telemetry-mesh-wide] Telemetry mesh-default is not in the input

info [trace-path-open] One line
  and another
  at deploy/auth.yaml:12

warning: a is there 2 times
not checked: 1 file in part or entirely
  cannot be read:
    x.yaml:3: bad

judged: 2 senders, 3 trace paths open, 1 closed, 0 unknown
assumed: it is so
1 error, 1 warning, 1 info in 2 objects; read 12 objects from 3 files
`,
    );
  });

  const policies = (number: number): Finding[] =>
    Array.from({ length: number }, (_, index) => ({
      ...blocked,
      namespace: `n${index}`,
      message: `NetworkPolicy n${index}/allow-jaeger-egress keeps Deployment n${index}/api from Service mesh/jaeger`,
      fix: `# add to NetworkPolicy n${index}/allow-jaeger-egress\n- port: 9411`,
      file: `n${index}.yaml:1`,
    }));

  test("one cause is told once, with the objects that have it", () => {
    const other = {
      ...blocked,
      namespace: "z",
      message: "NetworkPolicy z/allow-jaeger-egress is another",
      fix: "",
    };
    const text = print({ ...report, findings: [...policies(7), other] }, "text", false);
    expect(text).toBe(
      `error [trace-path-open] 7 NetworkPolicies: n0/allow-jaeger-egress, n1/allow-jaeger-egress, n2/allow-jaeger-egress, n3/allow-jaeger-egress and 3 more
  at n0.yaml:1, n1.yaml:1, n2.yaml:1, n3.yaml:1 and 3 more
  such as: NetworkPolicy n0/allow-jaeger-egress keeps Deployment n0/api from Service mesh/jaeger
  fix of NetworkPolicy n0/allow-jaeger-egress; --verbose shows the others:
    # add to NetworkPolicy n0/allow-jaeger-egress
    - port: 9411

error [trace-path-open] NetworkPolicy z/allow-jaeger-egress is another
  at deploy/auth.yaml:12

8 errors in 8 objects; read 12 objects from 3 files
`,
    );
  });

  test("a fix of screens is cut, and with --verbose it is not", () => {
    const lines = (count: number) => Array.from({ length: count }, (_, index) => `line${index}:`);
    const shown = (count: number, isVerbose: boolean) =>
      print({ ...report, findings: [{ ...blocked, fix: lines(count).join("\n") }], isVerbose }, "text", false)
        .split("\n")
        .filter((line) => line.startsWith("    "))
        .map((line) => line.trim());
    expect(shown(50, false)).toEqual([...lines(40), "10 more lines; --verbose shows them"]);
    expect(shown(50, true)).toEqual(lines(50));
    // One more line is as long as the one that says so.
    expect(shown(41, false)).toEqual(lines(41));
  });

  test("and with --verbose every object and every fix", () => {
    const text = print({ ...report, findings: policies(2), isVerbose: true }, "text", false);
    expect(text).toBe(
      `error [trace-path-open] 2 NetworkPolicies:
  NetworkPolicy n0/allow-jaeger-egress  n0.yaml:1
  NetworkPolicy n1/allow-jaeger-egress  n1.yaml:1
  the first: NetworkPolicy n0/allow-jaeger-egress keeps Deployment n0/api from Service mesh/jaeger
  fix of NetworkPolicy n0/allow-jaeger-egress:
    # add to NetworkPolicy n0/allow-jaeger-egress
    - port: 9411
  fix of NetworkPolicy n1/allow-jaeger-egress:
    # add to NetworkPolicy n1/allow-jaeger-egress
    - port: 9411

2 errors in 2 objects; read 12 objects from 3 files
`,
    );
  });

  test("different words, levels and rules are different causes", () => {
    const [one, two] = policies(2) as [Finding, Finding];
    const blocks = (second: Finding) =>
      print({ ...report, findings: [one, second] }, "text", false).split("\n\n").length - 1;
    expect(blocks(two)).toBe(1);
    expect(blocks({ ...two, level: "warning" })).toBe(2);
    expect(blocks({ ...two, rule: "other" })).toBe(2);
    expect(blocks({ ...two, kind: "Service" })).toBe(2);
    expect(blocks({ ...two, message: two.message.replace("mesh/", "other/") })).toBe(2);
  });

  test("nothing that was judged is no good news", () => {
    const judged = { senders: 0, open: 0, closed: 0, unknown: 0, assumptions: [] };
    expect(print({ ...clean, judged }, "text", false)).toBe(
      "judged: no trace path, because no workload in the input is known to send spans to a collector\n" +
        "no findings; read 1 object from 1 file\n",
    );
  });

  test("nothing found", () => {
    expect(print(clean, "text", false)).toBe("no findings; read 1 object from 1 file\n");
  });

  test("colors add nothing but colors", () => {
    const colored = print(report, "text", true);
    const plain = colored.replaceAll(/\u001B\[\d+m/g, "");
    expect(plain).toBe(print(report, "text", false));
    expect(colored).not.toBe(plain);
  });
});

test("json: these fields and no others", () => {
  const judged = { senders: 1, open: 1, closed: 0, unknown: 0, assumptions: ["a"] };
  const skipped = [{ file: "x.yaml", why: "Helm values" }];
  const passedBy = { skipped, warnings: ["w"] };
  const parsed: unknown = JSON.parse(print({ ...report, judged, passedBy }, "json", false));
  const { rule, level, kind, namespace, name, message, fix } = blocked;
  expect(parsed).toEqual({
    findings: [
      { rule, level, kind, namespace, name, message, fix, file: "deploy/auth.yaml", line: 12 },
      {
        rule: "telemetry-mesh-wide",
        level: "warning",
        kind: "Telemetry",
        namespace: "",
        name: "mesh-default",
        message: "Telemetry mesh-default is not in the input",
        fix: "",
        file: null,
        line: null,
      },
    ],
    judged,
    skipped: [{ file: "x.yaml", line: null, why: "Helm values" }],
    warnings: ["w"],
  });
  expect(JSON.parse(print(clean, "json", false))).toEqual({
    findings: [],
    judged: null,
    skipped: [],
    warnings: [],
  });
});

describe("text of others", () => {
  const escape = "\u001B[31m";
  const hostile: Finding = {
    ...blocked,
    name: `${escape}a\u202E\n::error::b`,
    message: `${escape}\u2028x\n  ::set-output name=x::y\n##[error]z`,
    fix: `\u009B1m\n::stop-commands::x`,
    file: `${escape}.yaml:3`,
  };
  const other: Finding = { ...hostile, namespace: "b", message: hostile.message };
  const passedBy = {
    skipped: [{ file: `${escape}\n::error::s.yaml`, why: `\u202E\u0007`, isBroken: true as const }],
    warnings: [`${escape}\n::error::w`],
  };

  test.each(formats)("moves no cursor, hides nothing and gives no command in %s", (format) => {
    for (const findings of [[hostile], [hostile, other]]) {
      for (const isVerbose of [false, true]) {
        const text = print({ ...report, findings, passedBy, isVerbose }, format, false);
        expect(text).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);
        const commands = text.split("\n").filter((line) => /^\s*(::|##\[)/.test(line));
        if (format === "github") expect(commands.every((line) => line.startsWith("::error "))).toBe(true);
        // Nothing of Markdown is a log: it is a comment.
        else if (format !== "markdown") expect(commands).toEqual([]);
      }
    }
  });

  test("is shown by what it is", () => {
    const text = print({ ...report, findings: [hostile] }, "text", false);
    expect(text).toContain("\\u{1b}[31m\\u{2028}x\n    \\::set-output name=x::y\n  \\##[error]z\n");
    const parsed = JSON.parse(print({ ...report, findings: [hostile] }, "json", false)) as {
      findings: Finding[];
    };
    expect(parsed.findings[0]?.name).toBe(hostile.name);
  });
});

describe("markdown", () => {
  test("a table, and fixes to unfold", () => {
    expect(print(report, "markdown", false)).toBe(
      `### Trace paths: 1 error, 1 warning

Read 12 objects from 3 files.

| Level | Object | What is wrong | Rule |
| --- | --- | --- | --- |
| error | \`NetworkPolicy auth/allow-jaeger-egress\`<br>\`deploy/auth.yaml:12\` | NetworkPolicy auth/allow-jaeger-egress does not allow TCP 9411 | trace-path-open |
| warning | \`Telemetry mesh-default\` | Telemetry mesh-default is not in the input | telemetry-mesh-wide |

<details><summary>Fix NetworkPolicy auth/allow-jaeger-egress: trace-path-open</summary>

\`\`\`yaml
# add to spec.egress[0].ports
- protocol: TCP
  port: 9411
\`\`\`

</details>
`,
    );
  });

  test("nothing found", () => {
    expect(print(clean, "markdown", false)).toBe(
      "### Trace paths: no findings\n\nRead 1 object from 1 file.\n",
    );
  });

  test("nothing in a finding is markup", () => {
    const hostile: Finding = {
      ...blocked,
      name: "a`b|c",
      message: "<img src=x> | *bold* [link](x) @team #1\nnext",
      fix: "data: |\n  ```\n  x\n  ```\n  </details>",
    };
    const text = print({ ...report, findings: [hostile] }, "markdown", false);
    expect(text).toContain(
      "| error | `NetworkPolicy auth/a'b\\|c`<br>`deploy/auth.yaml:12` | " +
        "&lt;img src=x&gt; \\| \\*bold\\* \\[link\\](x) @&#8203;team #&#8203;1<br>next | trace-path-open |",
    );
    expect(text).toContain("\n````yaml\ndata: |\n  ```\n  x\n  ```\n  </details>\n````\n");
  });

  test.each([
    ["many findings", 5000, blocked.fix],
    ["long fixes", 100, "x: 1\n".repeat(300)],
    ["letters of several bytes", 900, "# 추적\n".repeat(20)],
  ])("%s: room for what matters most, and the truth about the rest", (_, number, fix) => {
    const many = Array.from({ length: number }, (__, index) => ({
      ...blocked,
      name: `policy-${index}`,
      fix,
    }));
    const text = print({ ...report, findings: [doubt, ...many] }, "markdown", false);
    expect(Buffer.byteLength(text)).toBeLessThan(65_536);
    const rows = text.split("\n").filter((line) => line.startsWith("| error")).length;
    const warnings = text.split("\n").filter((line) => line.startsWith("| warning")).length;
    const fixes = text.split("<details>").length - 1;
    const left = (amount: number, noun: string, plural: string) =>
      amount === 0 ? [] : [`${amount} more ${amount === 1 ? noun : plural}`];
    const note = [
      ...left(number + 1 - rows - warnings, "finding", "findings"),
      ...left(rows - fixes, "fix", "fixes"),
    ].join(" and ");
    expect(rows).toBeGreaterThan(0);
    expect(warnings).toBe(rows < number ? 0 : 1);
    expect(text).toContain(`\n${note} left out: a comment has no room for them.\n`);
  });
});

describe("github", () => {
  test("an annotation a finding", () => {
    expect(print(report, "github", false)).toBe(
      "::error file=deploy/auth.yaml,line=12,title=trace-path-open::NetworkPolicy auth/allow-jaeger-egress does not " +
        "allow TCP 9411%0A# add to spec.egress[0].ports%0A- protocol: TCP%0A  port: 9411\n" +
        "::warning title=telemetry-mesh-wide::Telemetry mesh-default is not in the input\n",
    );
    expect(print(clean, "github", false)).toBe("");
  });

  test("nothing in a finding ends it", () => {
    const hostile = {
      ...doubt,
      level: "info" as const,
      message: "100%\r\n::error::x",
      file: "a,b:c%.yaml:3",
    };
    expect(print({ ...report, findings: [hostile] }, "github", false)).toBe(
      "::notice file=a%2Cb%3Ac%25.yaml,line=3,title=telemetry-mesh-wide::100%25%0A::error::x\n",
    );
  });

  test("standard input is no file", () => {
    const piped = { ...doubt, file: `${stdinName}:3` };
    expect(print({ ...report, findings: [piped] }, "github", false)).toBe(
      "::warning title=telemetry-mesh-wide::Telemetry mesh-default is not in the input\n",
    );
  });
});

describe("sarif", () => {
  interface Log {
    $schema: string;
    version: string;
    runs: {
      tool: { driver: { name: string; rules: { id: string; [field: string]: unknown }[] } };
      columnKind: string;
      results: {
        ruleId: string;
        ruleIndex: number;
        partialFingerprints: unknown;
        [field: string]: unknown;
      }[];
    }[];
  }
  const log = (findings: Finding[]): Log => JSON.parse(print({ ...report, findings }, "sarif", false)) as Log;

  test("the log", () => {
    const { $schema, version, runs } = log([blocked]);
    expect({ $schema, version }).toEqual({
      $schema: "https://json.schemastore.org/sarif-2.1.0.json",
      version: "2.1.0",
    });
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({
      columnKind: "utf16CodeUnits",
      tool: { driver: { name: "mesh-tracing" } },
    });
  });

  test("every rule is described", () => {
    const rules = log([])["runs"][0]?.tool.driver.rules ?? [];
    expect(rules.map(({ id }) => id)).toEqual(allRules.map(({ name }) => name));
    for (const rule of rules) {
      expect(rule).toEqual({
        id: expect.stringMatching(/^[a-z][a-z0-9-]+$/) as string,
        shortDescription: { text: expect.stringMatching(/\.$/) as string },
        fullDescription: { text: expect.stringMatching(/\.$/) as string },
        help: {
          text: expect.stringMatching(/\.$/) as string,
          markdown: expect.stringMatching(/^[^\n]+(\n\n\*\*What [^\n]+){2}\n\n\*\*When [^\n]+\.$/) as string,
        },
        helpUri: expect.stringMatching(/^https:\/\//) as string,
        defaultConfiguration: { level: expect.stringMatching(/^(error|warning|note)$/) as string },
        properties: { tags: expect.any(Array) as unknown[], severity: expect.any(String) as string },
      });
    }
  });

  test("what is in no file is told of the file that stands for it", () => {
    const text = print(
      { findings: [blocked, doubt], read: "", elsewhere: "deploy/mesh.yaml" },
      "sarif",
      false,
    );
    const places = (JSON.parse(text) as Log).runs[0]!.results.map(({ locations }) => locations);
    expect(places).toMatchObject([
      [{ physicalLocation: { artifactLocation: { uri: "deploy/auth.yaml" }, region: { startLine: 12 } } }],
      [{ physicalLocation: { artifactLocation: { uri: "deploy/mesh.yaml" }, region: { startLine: 1 } } }],
    ]);
  });

  test("results point at rule, file, line and object", () => {
    const results = log([blocked, doubt]).runs[0]?.results ?? [];
    const fingerprint = { "object/v1": expect.stringMatching(/^[0-9a-f]{32}$/) as string };
    expect(results).toEqual([
      {
        ruleId: "trace-path-open",
        ruleIndex: allRules.findIndex(({ name }) => name === "trace-path-open"),
        level: "error",
        message: { text: `${blocked.message}\n\nFix:\n${blocked.fix}` },
        locations: [
          {
            physicalLocation: { artifactLocation: { uri: "deploy/auth.yaml" }, region: { startLine: 12 } },
            logicalLocations: [
              { fullyQualifiedName: "NetworkPolicy auth/allow-jaeger-egress", kind: "object" },
            ],
          },
        ],
        partialFingerprints: fingerprint,
      },
      {
        ruleId: "telemetry-mesh-wide",
        ruleIndex: allRules.findIndex(({ name }) => name === "telemetry-mesh-wide"),
        level: "warning",
        message: { text: doubt.message },
        locations: [{ logicalLocations: [{ fullyQualifiedName: "Telemetry mesh-default", kind: "object" }] }],
        partialFingerprints: fingerprint,
      },
    ]);
  });

  test("a finding is the same after its file changed around it, and no other", () => {
    const moved = { ...blocked, file: "elsewhere.yaml:99" };
    const other = { ...blocked, name: "other" };
    const [one, two, three] = log([blocked, moved, other]).runs[0]?.results ?? [];
    expect(two?.partialFingerprints).toEqual(one?.partialFingerprints);
    expect(three?.partialFingerprints).not.toEqual(one?.partialFingerprints);
  });

  test("info is a note; paths are addresses", () => {
    const [result] =
      log([{ ...doubt, level: "info", file: "dir with space/ä.yaml:2" }]).runs[0]?.results ?? [];
    expect(result).toMatchObject({
      level: "note",
      locations: [{ physicalLocation: { artifactLocation: { uri: "dir%20with%20space/%C3%A4.yaml" } } }],
    });
  });
});
