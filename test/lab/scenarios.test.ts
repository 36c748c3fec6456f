/**
 * What is promised of traces, on a real mesh: istiod, Envoy, enforced policies, Jaeger. Takes some minutes, and the
 * machine's only lab: set LAB_RUN=1. Skips with the reason where something is missing.
 */
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultTable } from "../../lab/faults";
import { isUp, machineLacks } from "../../lab/machine";
import { missingParts } from "../../lab/build";
import { type Comparison, doctorInWords, inWords } from "../../lab/compare";
import { type Diagnosis, root } from "../../lab/project";
import { type TraceResult } from "../../lab/requests";

type Traced = TraceResult & { readonly dependencies: readonly string[] };

const minutes = 60_000;
const reason = whyNot();
if (reason !== undefined) console.warn(`skipped: ${reason}`);

function whyNot(): string | undefined {
  if (process.env["LAB_RUN"] !== "1") return "the lab runs only if LAB_RUN=1 asks for it";
  const [lack] = machineLacks();
  if (lack !== undefined) return `${lack.what}: ${lack.fix}`;
  const missing = missingParts().map(({ name }) => name);
  if (missing.length > 0) return `${missing.join(", ")} must be built first: "npm run lab -- up"`;
  return isUp() ? 'a lab is up already; "npm run lab -- down" ends it' : undefined;
}

/** Runs a command of the lab, and fails with what it printed unless it ends as expected. */
function lab(words: string, codes: readonly number[] = [0]): string {
  const call = ["--import", "tsx", path.join(root, "lab/index.ts"), ...words.split(" ")];
  const { status, stdout, stderr } = spawnSync(process.execPath, call, { encoding: "utf8", cwd: root });
  expect(codes, `lab ${words}: ${stdout}${stderr}`).toContain(status);
  return stdout;
}

const trace = (client = "plain"): Traced =>
  JSON.parse(lab(`trace --client ${client} --json`, [0, 1])) as Traced;

describe.skipIf(reason !== undefined).each(["shared", "values"])("delivery %s", (delivery) => {
  beforeAll(() => {
    lab(`up --delivery ${delivery}`);
  }, 15 * minutes);

  afterAll(() => {
    lab("down");
    expect(isUp()).toBe(false);
  }, minutes);

  test.each(["plain", "traceparent", "b3"])(
    "a request of a %s client is one joined trace, that of its log line",
    (client) => {
      const { status, joined, traces, logTraceId, clientTrace, lost } = trace(client);

      expect({ status, joined, lost, traces: traces.length }).toEqual({
        status: 200,
        joined: true,
        lost: [],
        traces: 1,
      });
      expect(logTraceId).toBe(traces[0]);
      if (clientTrace !== undefined) expect(traces).toEqual([clientTrace]);
    },
    2 * minutes,
  );

  test(
    "the dependency graph is gateway, first service, second service",
    () => {
      expect(trace().dependencies).toEqual(
        expect.arrayContaining([
          "istio-ingressgateway.istio-system > auth-api.auth",
          "auth-api.auth > scan-api.scan",
        ]),
      );
    },
    2 * minutes,
  );

  test(
    "the doctor finds nothing broken, follows its own request, and sees the expected calls",
    () => {
      const { success, categories, hops, probe, graph, cost } = JSON.parse(lab("doctor --json")) as Diagnosis;
      console.log(`doctor, delivery ${delivery}: ${cost.seconds} s, ${cost.streams} streams`);

      expect(success).toBe(true);
      const unwell = categories.flatMap(({ checks }) => checks).filter(({ result }) => result !== "success");
      // A handful of requests tells nothing about a share.
      expect(unwell.map(({ id, result }) => `${id}: ${result}`)).toEqual(["sampled-share: not checked"]);
      expect(hops.map(({ point, workload, verdict }) => `${point} ${workload}: ${verdict}`).sort()).toEqual([
        "A Deployment istio-system/istio-ingressgateway: delivering",
        "B Deployment auth/auth-api: delivering",
        "B Deployment scan/scan-api: delivering",
        "C Deployment auth/auth-api: delivering",
        "C Deployment scan/scan-api: delivering",
      ]);
      expect(probe).toMatchObject({
        status: 200,
        spans: 8,
        isContinued: true,
        orphans: 0,
        missing: [],
        torn: [],
        logTraceId: probe?.traceId,
      });
      const calls = graph.edges.filter(({ kind }) => kind === "call");
      expect(calls.map(({ from, to, state }) => `${from} > ${to}: ${state}`).sort()).toEqual([
        "Deployment auth/auth-api > Deployment scan/scan-api: seen",
        "Deployment istio-system/istio-ingressgateway > Deployment auth/auth-api: seen",
      ]);
    },
    3 * minutes,
  );

  const faults = faultTable("").filter(({ name }) => delivery === "shared" || name === "provider-port");
  describe.each(faults.map(({ name }) => name))("broken by %s", (name) => {
    afterAll(() => {
      lab("heal");
      expect(trace()).toMatchObject({ status: 200, joined: true });
    }, 5 * minutes);

    test(
      "rules, doctor and wire agree",
      () => {
        const compared = JSON.parse(lab(`break ${name} --json`, [0, 1])) as Comparison;
        const { wire, audit, doctor, disagreements } = compared;
        const rules = [...new Set(audit.map(({ rule }) => rule))].join(", ");
        console.log(`${name} | ${inWords(wire)} | ${rules} | ${doctorInWords(doctor).join("; ")}`);

        expect(disagreements).toEqual([]);
      },
      5 * minutes,
    );

    test.runIf(name === "sampling-0")(
      "requests whose caller samples them are traced all the same",
      () => {
        expect(trace("traceparent")).toMatchObject({ status: 200, joined: true });
        expect(trace("b3")).toMatchObject({ status: 200, joined: true });
      },
      2 * minutes,
    );
  });
});
