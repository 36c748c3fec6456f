/** What people read at a terminal: no line leaves it, and nothing is cut. */
import { expect, it } from "vitest";
import { asTable } from "../../../doctor/formats/table";
import { type Diagnosis } from "../../../doctor/result";

const evidence =
  "Deployment auth/auth-api → Service istio-system/jaeger-collector-clusterip:9411 blocked: 0 requests, 4 connect failures";
const diagnosis: Diagnosis = {
  success: false,
  time: "2026-01-01T00:00:00.000Z",
  cluster: "https://127.0.0.1:6443",
  categories: [
    {
      name: "proxies",
      checks: [
        {
          id: "sidecar-reports",
          description: "sidecars deliver their spans",
          result: "error",
          evidence: ["1 blocked", evidence, "  [trace-path-open] it closes the way"],
          hint: "docs/doctor/sidecar-reports.md",
        },
      ],
    },
  ],
  workloads: [{ namespace: "auth", workload: "Deployment auth/auth-api", membership: "sidecar" }],
  hops: [],
  graph: { nodes: [], edges: [] },
  findings: [],
  cost: { seconds: 1, streams: 2 },
};

it("folds evidence where the terminal ends, under where it began", () => {
  expect(asTable(diagnosis, { color: false, width: 60 })).toBe(
    [
      "proxies",
      "✗ sidecars deliver their spans sidecar-reports",
      "    1 blocked",
      "    Deployment auth/auth-api → Service",
      "      istio-system/jaeger-collector-clusterip:9411 blocked:",
      "      0 requests, 4 connect failures",
      "      [trace-path-open] it closes the way",
      "    → docs/doctor/sidecar-reports.md",
      "",
      "broken: 0 of 1 checks well, 1 broken",
      "1 s, 2 questions to pods",
      "",
    ].join("\n"),
  );
});

it("leaves lines whole in a pipe, without colour", () => {
  const text = asTable(diagnosis, { color: false });
  expect(text.split("\n")).toContain(`    ${evidence}`);
  expect(text).not.toContain("\u001b");
  expect(asTable(diagnosis, { color: true })).toContain("\u001b[31m✗");
});

it("fits the table of a mesh with usual names into 80 columns", () => {
  const text = asTable(
    {
      ...diagnosis,
      workloads: [
        {
          namespace: "istio-system",
          workload: "Deployment istio-system/istio-ingressgateway",
          membership: "gateway",
          seen: { proxy: true, sdk: false },
        },
      ],
    },
    { color: false, width: 80 },
  );
  const [head = "", row = ""] = text.split("\n").slice(-6);
  expect([head, row]).toEqual([
    "namespace     workload              proxy  OTLP  in the backend",
    "istio-system  istio-ingressgateway  –      –     proxy yes, SDK no",
  ]);
});
