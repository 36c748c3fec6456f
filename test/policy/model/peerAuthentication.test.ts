/** Which connections the proxy of a receiving pod takes. */
import { describe, expect, it } from "vitest";
import { plainAt, strictAt } from "../../../policy/model/peerAuthentication";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const policy = (name: string, spec: Json, namespace = "tracing", created?: string) => ({
  apiVersion: "security.istio.io/v1",
  kind: "PeerAuthentication",
  metadata: { name, namespace, ...(created === undefined ? {} : { creationTimestamp: created }) },
  spec,
});
const pod = (namespace: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "tempo", namespace, labels: { app: "tempo" } },
  spec: { containers: [] },
});
const mtls = (mode: string) => ({ mtls: { mode } });
const of = (app: string) => ({ selector: { matchLabels: { app } } });
const ports = (mode: string) => ({ portLevelMtls: { 4317: { mode } } });

describe("what takes no plaintext", () => {
  const said = (policies: object[], port = 4317, namespace = "tracing") => {
    const model = TracingModel.from([pod(namespace), ...policies]);
    const [workload] = model.workloads;
    if (workload === undefined) throw new Error("no workload");
    const strict = strictAt(model, workload, port);
    const plain = plainAt(model, workload, port);
    expect(strict === undefined || plain === undefined).toBe(true);
    const found = strict ?? plain;
    return (
      found && `${strict === undefined ? "DISABLE" : "STRICT"} ${found.policy.metadata.name} ${found.path}`
    );
  };
  const all = "spec.mtls.mode";

  it("is said of the pod, else of its namespace, else of the mesh", () => {
    const mesh = policy("mesh", mtls("STRICT"), "istio-system");
    const namespace = policy("namespace", mtls("DISABLE"));
    const own = policy("own", { ...of("tempo"), ...mtls("STRICT") });
    expect(said([])).toBeUndefined();
    expect(said([mesh])).toBe(`STRICT mesh ${all}`);
    expect(said([mesh, namespace])).toBe(`DISABLE namespace ${all}`);
    expect(said([mesh, namespace, own])).toBe(`STRICT own ${all}`);
    expect(said([mesh, policy("namespace", mtls("PERMISSIVE"))])).toBeUndefined();
    expect(said([policy("other", mtls("STRICT"), "shop")])).toBeUndefined();
    expect(said([policy("others", { ...of("web"), ...mtls("STRICT") })])).toBeUndefined();
  });

  it("is inherited where nothing is said", () => {
    const mesh = policy("mesh", mtls("STRICT"), "istio-system");
    for (const silent of [{}, mtls("UNSET")]) {
      expect(said([mesh, policy("namespace", silent), policy("own", { ...of("tempo"), ...silent })])).toBe(
        `STRICT mesh ${all}`,
      );
    }
  });

  it("is said of a port before all ports, in a policy for the pod alone", () => {
    const path = "spec.portLevelMtls[4317].mode";
    const own = policy("own", { ...of("tempo"), ...mtls("STRICT"), ...ports("DISABLE") });
    expect(said([own])).toBe(`DISABLE own ${path}`);
    expect(said([own], 9411)).toBe(`STRICT own ${all}`);
    expect(said([policy("own", { ...of("tempo"), ...mtls("STRICT"), ...ports("UNSET") })])).toBe(
      `STRICT own ${all}`,
    );
    expect(said([policy("namespace", { ...mtls("STRICT"), ...ports("DISABLE") })])).toBe(
      `STRICT namespace ${all}`,
    );
  });

  it("is not said of selected pods in the root namespace", () => {
    const own = policy("own", { ...of("tempo"), ...mtls("STRICT") }, "istio-system");
    expect(said([own], 4317, "istio-system")).toBeUndefined();
    const root = policy("root", mtls("STRICT"), "istio-system");
    expect(said([own, root], 4317, "istio-system")).toBe(`STRICT root ${all}`);
  });

  it("is said by the oldest, or the first by name", () => {
    const [a, b] = [policy("a", mtls("DISABLE")), policy("b", mtls("STRICT"))];
    expect(said([b, a])).toBe(`DISABLE a ${all}`);
    const [young, old] = [
      policy("a", mtls("DISABLE"), "tracing", "2026-02-01T00:00:00Z"),
      policy("b", mtls("STRICT"), "tracing", "2026-01-01T00:00:00Z"),
    ];
    expect(said([young, old])).toBe(`STRICT b ${all}`);
  });

  it("tells the policy that is for the pod, beside which a second one would not count", () => {
    const model = TracingModel.from([
      pod("tracing"),
      policy("mesh", mtls("STRICT"), "istio-system"),
      policy("own", of("tempo")),
    ]);
    const [workload] = model.workloads;
    const strict = workload && strictAt(model, workload, 4317);
    expect([strict?.policy.metadata.name, strict?.own?.metadata.name]).toEqual(["mesh", "own"]);
  });
});
