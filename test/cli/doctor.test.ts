/** `doctor` and `graph` as people call them, against a mesh behind one API server. */
import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { type Diagnosis } from "../../doctor/result";
import { directoryOf } from "../fixtures/files";
import { liveMesh, type LiveMeshOptions } from "../fixtures/liveMesh";
import { root, run } from "./run";

const command = (name: string) => (parameters: readonly string[], input?: string) =>
  run(process.execPath, [path.join(root, "cli", "bundled.cjs"), name, ...parameters], input);
const doctor = command("doctor");
const graph = command("graph");

/** The parameters that lead to a mesh. */
async function mesh(options: LiveMeshOptions = {}): Promise<string[]> {
  const { kubeconfig } = await liveMesh(options);
  return ["--kubeconfig", path.join(directoryOf({ kubeconfig }), "kubeconfig")];
}

const outage: LiveMeshOptions = {
  change: (objects) => objects.unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 2"),
  counters: (workload, port) =>
    workload === "auth/auth-api" && port === 9411 ? { requests: 0, connectFailures: 4 } : undefined,
};

describe("a whole run", () => {
  it("ends with 0 where nothing is broken, and its answer can be drawn again", async () => {
    const { code, stdout, stderr } = await doctor([...(await mesh()), "--format", "json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect((JSON.parse(stdout) as Diagnosis).success).toBe(true);
    const saved = path.join(directoryOf({ "answer.json": stdout }), "answer.json");
    const mermaid = await graph([saved, "--format", "mermaid"]);
    const drawn = await graph(["-"], stdout);
    expect([mermaid, drawn].map((outcome) => outcome.code)).toEqual([0, 0]);
    expect([mermaid, drawn].map((outcome) => outcome.stdout.split("\n")[0])).toEqual([
      "flowchart LR",
      "istio-system/istio-ingressgateway",
    ]);
  });

  it("ends with 1 where something is, with the cause and its lines last, and a page", async () => {
    const page = path.join(directoryOf({}), "incident.html");
    const { code, stdout, stderr } = await doctor([...(await mesh(outage)), "--html", page]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines.slice(-9, -1)).toEqual([
      "cause 1 [trace-path-open]",
      "  NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin), so these spans are lost; add TCP 9411 to spec.egress[0]",
      "  fix:",
      "    # add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress",
      "    - protocol: TCP",
      "      port: 9411",
      "",
      "broken: 14 of 17 checks well, 2 broken, 1 not checked; 1 of 15 span paths is cut",
    ]);
    // Told whole once: the evidence of checks names it.
    expect(lines.filter((line) => line.includes("blocks egress from"))).toHaveLength(1);
    expect(lines).toContain("      [trace-path-open] NetworkPolicy auth/allow-jaeger-egress: cause 1 below");
    expect(fs.readFileSync(page, "utf8")).toContain('<h1 class="error">Traces: broken</h1>');
  });

  it("tells what it found though the page cannot be written", async () => {
    const { code, stdout, stderr } = await doctor([
      ...(await mesh()),
      "--pre",
      "--html",
      "/nowhere/page.html",
    ]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/nothing broken was found: 5 of 6 checks well, 1 not checked\n/);
    expect(stderr).toMatch(/^error: \/nowhere\/page\.html cannot be written: ENOENT/);
  });
});

describe("--wait", () => {
  /** istiod that gets its provider with so many looks. */
  const healing = (looks: number): LiveMeshOptions => {
    let look = 0;
    return {
      web: (pod, _port, asked) =>
        pod === "istio-system/istiod-1" && asked === "/debug/mesh" && ++look < looks
          ? { status: 200, body: "{}" }
          : undefined,
    };
  };

  it("looks again until nothing is broken", async () => {
    const { code, stdout } = await doctor([
      ...(await mesh(healing(2))),
      "--pre",
      "--wait",
      "1m",
      "--format",
      "short",
    ]);
    expect({ code, last: stdout.trimEnd().split("\n").at(-1) }).toEqual({
      code: 0,
      last: "nothing broken was found: 5 of 6 checks well, 1 not checked",
    });
  });

  it("ends when the time is over", async () => {
    const { code, stdout } = await doctor([
      ...(await mesh(healing(99))),
      "--pre",
      "--wait",
      "1s",
      "--format",
      "short",
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain(
      "✗ istiod-provider: istio-system/istiod-1 has no provider jaeger; it has none that sends spans\n",
    );
  });
});

describe("what cannot run ends with 2, in words", () => {
  it.each<[string, string[], string]>([
    [
      "a kubeconfig that is not there",
      ["--kubeconfig", "/nowhere/config"],
      "error: kubeconfig /nowhere/config does not exist\n",
    ],
    [
      "a time that is none",
      ["--wait", "soon"],
      "error: option '--wait <time>' argument 'soon' is invalid. It must be a time such as 90s or 5m.\n(--help lists what there is)\n",
    ],
    [
      "a probe without traffic",
      ["--pre", "--probe", "http://x/"],
      "error: option '--pre' cannot be used with option '--probe <url>'\n(--help lists what there is)\n",
    ],
    [
      "a stack that is not there",
      ["--stack", "nope"],
      'error: there is no stack "nope": Pulumi.nope.yaml is missing\n  fix: choose one of dev, prod, or create the file\n',
    ],
  ])("%s", async (_, parameters, said) => {
    expect(await doctor(parameters)).toEqual({ code: 2, stdout: "", stderr: said });
  });

  it("a context, a namespace, and a page over what is read", async () => {
    const there = await mesh();
    const [context, namespace, page] = await Promise.all([
      doctor([...there, "--context", "nope"]),
      doctor([...there, "--namespace", "auth", "nope", "--pre"]),
      doctor([...there, "--html", there[1] ?? ""]),
    ]);
    expect(context).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: there is no context nope\n  fix: choose one of test\n",
    });
    expect(namespace).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: the cluster has no namespace nope\n  fix: choose of auth, character, chat, image, istio-system, kube-system, location, monitoring, my and scan\n",
    });
    expect(page.stderr).toBe(
      `error: --html ${there[1]} is one of the files that are read\n  fix: choose another file\n`,
    );
  });

  it("an API server that nobody is", async () => {
    const [, file = ""] = await mesh();
    const gone = fs.readFileSync(file, "utf8").replace(/127\.0\.0\.1:\d+/, "127.0.0.1:1");
    const { code, stdout, stderr } = await doctor(["--kubeconfig", path.join(directoryOf({ gone }), "gone")]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: .*127\.0\.0\.1:1/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe("--print-rbac", () => {
  it("asks no cluster, and is for the namespaces and the collector that are given", async () => {
    const { code, stdout } = await doctor([
      "--print-rbac",
      ...["--kubeconfig", "/nowhere/config"],
      ...["--namespace", "auth", "scan"],
      ...["--collector", "tracing/jaeger:9411"],
    ]);
    expect(code).toBe(0);
    const roles = [...stdout.matchAll(/^kind: Role\nmetadata:\n {2}name: (\S+)\n {2}namespace: (\S+)/gm)];
    expect(roles.map(([, name, namespace]) => `${namespace} ${name}`)).toEqual([
      "auth mesh-tracing-doctor-proxies",
      "scan mesh-tracing-doctor-proxies",
      "istio-system mesh-tracing-doctor-mesh",
      "tracing mesh-tracing-doctor-backend",
    ]);
    expect(stdout).not.toContain("pods/log");
  });

  it("reads logs only where a request is followed", async () => {
    const { stdout } = await doctor(["--print-rbac", "--probe", "https://shop.example.com/"]);
    expect(stdout).toContain("      - pods/log\n    verbs:\n      - get\n");
  });

  it("knows the namespaces of a stack", async () => {
    const { stdout } = await doctor(["--print-rbac", "--stack", "dev"]);
    expect(stdout).toContain("  name: mesh-tracing-doctor-proxies\n  namespace: character\n");
  });
});

it("graph refuses what is no answer", async () => {
  const file = path.join(directoryOf({ "x.json": "{}" }), "x.json");
  expect(await graph([file])).toEqual({
    code: 2,
    stdout: "",
    stderr: `error: ${file} has no graph\n  fix: save what doctor --format json prints, or Jaeger's /api/dependencies\n`,
  });
  const nowhere = await graph(["/nowhere/x.json"]);
  expect(nowhere.stderr).toMatch(/^error: \/nowhere\/x\.json cannot be read: ENOENT/);
  expect(nowhere.code).toBe(2);
});
