import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldChanges } from "../../report/fields";
import { compareSides, type Side } from "../../report/comparison";
import { asJson } from "../../report/json";
import { asMarkdown } from "../../report/markdown";
import { Mesh, namespaces } from "../../docs/generate/sample/mesh";
import { comparing, outage, side } from "./compared";

const context = { subject: "stack dev", isStack: true };
const objects = new Mesh().objects.length;
const quiet = `Nothing of tracing changes in stack dev compared with \`main\`: ${objects} objects, 15 trace paths, no findings.\n`;

/** The report without its picture, which has tests of its own. */
function withoutPicture(text: string): string {
  return text.replace(/\n<details( open)?><summary>Picture[^]*?<\/details>\n/, "");
}

describe("a change that touches nothing of tracing", () => {
  test("is one line", () => {
    expect(asMarkdown(comparing(() => {}))).toBe(quiet);
  });

  test("in manifests also where other objects change, which it counts", () => {
    const image = "spec template spec containers 0 image";
    const comparison = comparing((mesh) => mesh.set("Deployment chat/chat-api", image, "x:2"), {
      isStack: false,
    });
    expect(asMarkdown(comparison)).toBe(
      quiet.replace("findings.", "findings. 1 changed object decides nothing about traces."),
    );
  });

  test("says which findings stay", () => {
    const broken = side("main", outage("auth"));
    expect(asMarkdown(compareSides(broken, broken, context))).toBe(
      quiet.replace("no findings", "1 finding as before"),
    );
  });
});

describe("the outage", () => {
  test("closes a way, and the line to add is there", () => {
    const comparison = comparing(outage("auth"));
    expect(comparison.isWorse).toBe(true);
    expect(withoutPicture(asMarkdown(comparison)))
      .toBe(`### ✗ Tracing in stack dev: 1 trace path closes, 1 new error

Compared with \`main\`.

Trace paths that change:

| From | Zipkin 9411 | OTLP gRPC 4317 | OTLP HTTP 4318 |
| --- | :---: | :---: | :---: |
| \`auth\` | **✓ → ✗** | ✓ | – |

New findings:

**error** \`trace-path-open\`: NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin), so these spans are lost; add TCP 9411 to spec.egress\\[0\\]

<details open><summary>Fix NetworkPolicy auth/allow-jaeger-egress</summary>

\`\`\`yaml
# add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress
- protocol: TCP
  port: 9411
\`\`\`

</details>

<details><summary>Resources: 1 changed</summary>


changed \`NetworkPolicy auth/allow-jaeger-egress\`

\`\`\`diff
- spec.egress[0].ports[2]: { port: 9411, protocol: TCP }
\`\`\`


</details>

<details><summary>Trace paths as before: 7 senders</summary>

| From | Zipkin 9411 | OTLP gRPC 4317 | OTLP HTTP 4318 |
| --- | :---: | :---: | :---: |
| gateway \`istio-system\` | ✓ | – | – |
| \`character\` | ✓ | ✓ | – |
| \`chat\` | ✓ | ✓ | – |
| \`image\` | ✓ | ✓ | – |
| \`location\` | ✓ | ✓ | – |
| \`my\` | ✓ | ✓ | – |
| \`scan\` | ✓ | ✓ | – |

</details>
`);
  });

  test("repaired is told, and breaks nothing", () => {
    const comparison = compareSides(side("main", outage("auth")), side("head"), context);
    const text = asMarkdown(comparison);
    expect(comparison.isWorse).toBe(false);
    expect(text).toMatch(/^### ✓ Tracing in stack dev: 1 trace path opens, 1 finding fixed\n/);
    expect(text).toContain("| `auth` | ✗ → ✓ | ✓ | – |");
    expect(text).toContain(
      "<details><summary>1 finding fixed</summary>\n\n- **error** `trace-path-open`: NetworkPolicy auth/",
    );
  });

  test("that spreads to one more workload says something else than before, and is worse", () => {
    const spread = (mesh: Mesh): void => {
      outage("auth")(mesh);
      mesh.copy("Deployment auth/auth-api", "auth-worker");
    };
    const comparison = compareSides(side("main", outage("auth")), side("head", spread), context);
    expect(comparison.isWorse).toBe(true);
    expect(asMarkdown(comparison)).toMatch(
      /^### ✗ Tracing in stack dev: 1 trace path closes, 1 finding changed\n/,
    );
    const back = compareSides(side("main", spread), side("head", outage("auth")), context);
    expect(back.isWorse).toBe(false);
    expect(asMarkdown(back)).toMatch(/^### ✓ Tracing in stack dev: 1 trace path opens, 1 finding changed\n/);
  });

  test("of a rule that is switched off closes the way and gates nothing", () => {
    const comparison = comparing(outage("auth"), { ruleConfig: { "trace-path-open": "off" } });
    expect(asMarkdown(comparison)).toContain("1 trace path closes");
    expect(comparison.isWorse).toBe(false);
  });

  test("in seven namespaces is seven findings and one diff", () => {
    const text = asMarkdown(comparing(outage(...namespaces)));
    expect(text.match(/^\*\*error\*\* `trace-path-open`/gm)).toHaveLength(7);
    expect(text.match(/<details open><summary>Fix/g)).toHaveLength(3);
    expect(text.match(/```diff/g)).toHaveLength(1);
    expect(text).toContain(
      "changed `NetworkPolicy allow-jaeger-egress` in `auth`, `character`, `chat`, `image`, `location`, `my` and `scan`",
    );
  });
});

test("a base that cannot be read: why, and the head alone", () => {
  const base = { label: "main", problem: "the stack has 1 mistake\n  fix: ```x``` http://u:secret@h/" };
  const comparison = compareSides(base, side("head", outage("auth")), context);
  const text = asMarkdown(comparison);
  expect(comparison.isWorse).toBe(true);
  expect(text).toMatch(/^### ✗ Tracing in stack dev: the base is not known, 1 error\n/);
  expect(text).toContain("````text\nthe stack has 1 mistake\n  fix: ```x``` http://[secret]@h/\n````\n");
  expect(text).toContain("\nTrace paths now:\n\n| From |");
  expect(text).toContain("| `auth` | ✗ | ✓ | – |");
  expect(text).not.toContain("Resources");
});

test("json: the same for programs", () => {
  const value = JSON.parse(asJson(comparing(outage("auth")))) as Record<string, unknown>;
  const cell = (state: string, closed: number) => ({ state, closed, unknown: 0, total: 1 });
  expect(value).toMatchObject({
    subject: "stack dev",
    base: "main",
    problem: null,
    changesTracing: true,
    worse: true,
    findings: {
      new: [{ rule: "trace-path-open", name: "allow-jaeger-egress" }],
      changed: [],
      fixed: [],
      same: [],
    },
    others: [],
  });
  expect(value["resources"]).toEqual([
    {
      effect: "changed",
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      namespace: "auth",
      name: "allow-jaeger-egress",
      patch: false,
      fields: [{ path: "spec.egress[0].ports[2]", removed: ["{ port: 9411, protocol: TCP }"], added: [] }],
    },
  ]);
  expect((value["paths"] as { effect: string }[]).filter(({ effect }) => effect !== "same")).toEqual([
    {
      sender: "namespace",
      namespace: "auth",
      protocol: "zipkin",
      before: cell("open", 0),
      after: cell("closed", 1),
      effect: "closes",
    },
  ]);
});

describe("whatever is in the manifests", () => {
  /** Text that would be something in Markdown, HTML or Mermaid. */
  const hostile = fc
    .array(
      fc.constantFrom(
        "```",
        "````",
        "\n",
        "|",
        "</details>",
        "<script>",
        "@team",
        "#1",
        "`",
        "\\",
        "]",
        '"',
        "---",
        "end",
        "\u202e",
        "\u0000",
        " ",
        "x",
        "https://e.example",
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((parts) => parts.join(""));

  test("blocks close as they open, tables keep their columns, and nobody is mentioned", () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (name, key, value) => {
        const policy = {
          apiVersion: "networking.k8s.io/v1",
          kind: "NetworkPolicy",
          metadata: { name, namespace: "auth" },
          spec: { podSelector: {}, policyTypes: ["Egress"], egress: [] },
        };
        const text = asMarkdown(
          comparing((mesh) => {
            outage("chat")(mesh);
            mesh.add(policy, { ...policy, metadata: { name: "n", namespace: name } });
            mesh.set("ConfigMap auth/otel-environment", "data", {
              OTEL_EXPORTER_OTLP_ENDPOINT: `http://${value}:4317`,
              [key]: value,
              OTEL_X: value,
            });
            mesh.set("Deployment my/my-api", "metadata labels", { [key]: value });
          }),
        );
        const outside = withoutBlocks(text);
        expect(outside.match(/<details/g)?.length).toBe(outside.match(/^<\/details>$/gm)?.length);
        for (const row of outside.split("\n").filter((line) => line.startsWith("|"))) {
          expect(row.replaceAll("\\|", "").match(/\|/g)).toHaveLength(5);
        }
        const prose = outside.replaceAll(/\\[\\`*_[\]|~]/g, "").replaceAll(/`[^`\n]*`/g, "");
        expect(prose).not.toMatch(/@\w|(?<!&)#\w|<script|https:\/\/|`/);
        expect(text).not.toMatch(/[\u202e\u0000]/);
      }),
      { numRuns: 40 },
    );
  });

  /** What is not between fences; fails if a fence stays open. */
  function withoutBlocks(text: string): string {
    const kept: string[] = [];
    let fence: string | undefined;
    for (const line of text.split("\n")) {
      const [, ticks] = /^ {0,3}(`{3,})[a-z]*$/.exec(line) ?? [];
      if (fence === undefined && ticks !== undefined) fence = ticks;
      else if (fence === undefined) kept.push(line);
      else if (ticks !== undefined && ticks.length >= fence.length) fence = undefined;
    }
    expect(fence).toBeUndefined();
    return kept.join("\n");
  }

  test("a comment is no longer than it may be, ends every block it begins, and says what it leaves out", () => {
    const limits = fc.integer({ min: 5000, max: 65_000 });
    fc.assert(
      fc.property(
        limits,
        fc.integer({ min: 50, max: 250 }),
        fc.constantFrom("a", "é", "추"),
        (limit, teams, letter) => {
          const comparison = comparing((mesh) => {
            for (let team = 0; team < teams; team++) {
              const name = `team-${team}`;
              for (const ref of ["Namespace auth"]) {
                const copy = structuredClone(mesh.get(ref));
                copy.metadata = {
                  ...copy.metadata,
                  name,
                  labels: { "istio-injection": "enabled", "kubernetes.io/metadata.name": name },
                };
                mesh.add(copy);
              }
              mesh.copy("Deployment auth/auth-api", `app-${team}`, name);
              mesh.copy(
                "NetworkPolicy auth/allow-jaeger-egress",
                `policy-${letter.repeat(40)}-${team}`,
                name,
              );
              mesh.set(`NetworkPolicy ${name}/policy-${letter.repeat(40)}-${team}`, "spec egress 0 ports", [
                { protocol: "TCP", port: 4317 },
              ]);
            }
            mesh.set("ConfigMap auth/otel-environment", "data OTEL_X", `${letter}\n`.repeat(5000));
          });
          const text = asMarkdown(comparison, limit);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
          const outside = withoutBlocks(text);
          expect(outside.match(/<details/g)?.length).toBe(outside.match(/^<\/details>$/gm)?.length);
          expect(text).toMatch(/\n\d+ (more )?findings? left out: a comment has no room for them\.\n/);
        },
      ),
      { numRuns: 8 },
    );
  });

  test("the order of objects and of keys changes nothing", () => {
    const head = side("head", (mesh) => {
      outage("auth", "my")(mesh);
      mesh.copy("Deployment auth/auth-api", "auth-worker").remove("NetworkPolicy scan/allow-jaeger-egress");
    });
    const base = side("main");
    const expected = asMarkdown(compareSides(base, head, context));
    const shuffled = (one: Side) =>
      fc
        .shuffledSubarray([...one.objects], { minLength: one.objects.length })
        .map((list): Side => ({ ...one, objects: list }));
    fc.assert(
      fc.property(shuffled(base), shuffled(head), (a, b) => {
        expect(asMarkdown(compareSides(a, b, context))).toBe(expected);
        const turned = { ...b, objects: b.objects.map(reversed) };
        expect(asMarkdown(compareSides({ ...b, label: "main" }, turned, context))).toMatch(
          /^Nothing of tracing changes.*\n$/,
        );
      }),
      { numRuns: 15 },
    );
  });

  /** The same value with its keys the other way around. */
  function reversed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).reverse();
    return Object.fromEntries(entries.map(([key, inner]): [string, unknown] => [key, reversed(inner)]));
  }

  test("a long diff is cut and says how much of it", () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`OTEL_${index}`, "x"]));
    expect(fieldChanges({}, { data: many }).length).toBe(50);
    const text = asMarkdown(comparing((mesh) => mesh.set("ConfigMap auth/otel-environment", "data", many)));
    expect(text).toContain("\n  … and 37 more lines\n```\n");
  });
});
