import { describe, expect, test } from "vitest";
import { InputError } from "../../input/inputError";
import { explain } from "../../cli/explain";
import { Mesh } from "../../docs/generate/sample/mesh";

const policyPath = "NetworkPolicy auth/allow-jaeger-egress";
const collector = "istio-system/jaeger-collector-clusterip";

function outage(): Mesh {
  return new Mesh().unset(policyPath, "spec egress 0 ports 2");
}

describe("in words", () => {
  test("allowed", () => {
    const { verdict, text } = explain("auth/auth-api", `${collector}:9411`, new Mesh().objects, {});
    expect(verdict).toBe("allowed");
    expect(text).toBe(`allowed: auth/auth-api to istio-system/jaeger-collector-clusterip on TCP 9411

Service istio-system/jaeger-collector-clusterip leads to
  - istio-system/jaeger[Deployment] on port 9411: allowed

egress of the source
  - NetworkPolicy auth/allow-jaeger-egress isolates egress of auth/auth-api[Deployment]
  - NetworkPolicy auth/allow-mesh-egress isolates egress of auth/auth-api[Deployment]
  - spec.egress[0] of NetworkPolicy auth/allow-jaeger-egress allows TCP 9411 to istio-system/jaeger[Deployment]

ingress of the destination
  - NetworkPolicy istio-system/allow-tracing-ingress isolates ingress of istio-system/jaeger[Deployment]
  - spec.ingress[0] of NetworkPolicy istio-system/allow-tracing-ingress allows TCP 9411 from auth/auth-api[Deployment]
`);
  });

  test("denied: what is missing, ready to paste", () => {
    const { verdict, text } = explain(
      "auth/auth-api",
      "istio-system/jaeger[Deployment]:9411",
      outage().objects,
      {},
    );
    expect(verdict).toBe("denied");
    expect(text).toContain(`
egress of the source
  - NetworkPolicy auth/allow-jaeger-egress isolates egress of auth/auth-api[Deployment]
  - NetworkPolicy auth/allow-mesh-egress isolates egress of auth/auth-api[Deployment]
  - no rule allows egress of auth/auth-api[Deployment] to istio-system/jaeger[Deployment] on TCP 9411; spec.egress[0] of NetworkPolicy auth/allow-jaeger-egress has that peer, but not that port
    missing in spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress:
      - protocol: TCP
        port: 9411

ingress of the destination
`);
    expect(text).toMatch(/^denied: auth\/auth-api to istio-system\/jaeger\[Deployment\] on TCP 9411\n/);
    expect(text).not.toContain("leads to");
  });

  test.each([
    ["a port by its name", `${collector}:http-zipkin`, "allowed"],
    ["a Service as such", `${collector}[Service]:9411`, "allowed"],
    ["UDP", "kube-system/kube-dns:53/UDP", "allowed"],
    ["a protocol in small letters", "kube-system/kube-dns:53/udp", "allowed"],
    ["a port the Service does not have", `${collector}:80`, "denied"],
    ["a workload", "istio-system/jaeger:16686", "denied"],
    ["what is not in the input", "istio-system/zipkin:9411", "unknown"],
  ])("%s", (_, to, verdict) => {
    const { verdict: found, text } = explain("auth/auth-api", to, new Mesh().objects, {});
    expect(found).toBe(verdict);
    expect(text.startsWith(`${verdict}: auth/auth-api to `)).toBe(true);
  });

  test("a question that cannot be answered says why", () => {
    expect(explain("auth/nobody", `${collector}:9411`, new Mesh().objects, {}).text).toMatch(
      /\n\nthe question\n {2}- .*auth\/nobody/,
    );
  });
});

test("as JSON", () => {
  const { text } = explain("auth/auth-api", `${collector}:9411`, outage().objects, { format: "json" });
  expect(JSON.parse(text)).toMatchObject({
    verdict: "denied",
    from: "auth/auth-api",
    to: collector,
    port: 9411,
    protocol: "TCP",
    because: expect.arrayContaining([
      expect.objectContaining({ kind: "no-rule", side: "egress", port: 9411 }),
    ]) as unknown,
  });
});

test.each([
  ["auth-api", `${collector}:9411`, '"auth-api" is not a workload'],
  ["auth/auth-api", collector, `"${collector}" is not a port to connect to`],
  ["auth/auth-api", "jaeger:9411", '"jaeger:9411" is not a port to connect to'],
  ["auth/auth-api", `${collector}:9411/HTTP`, `"${collector}:9411/HTTP" is not a port to connect to`],
  ["auth/auth-api", "istio-system/jaeger:0", "0 is not a port number"],
])("%s to %s", (from, to, mistake) => {
  expect(() => explain(from, to, new Mesh().objects, {})).toThrow(InputError);
  expect(() => explain(from, to, new Mesh().objects, {})).toThrow(mistake);
});

describe("a Deployment of which only a patch is in the input", () => {
  const patch = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "patched", namespace: "auth" },
    spec: { template: { spec: { containers: [{ name: "app", env: [{ name: "A", value: "b" }] }] } } },
  };

  test("is taken for a pod without labels, and the answer says so", () => {
    const { verdict, text } = explain("auth/patched", `${collector}:9411`, [...outage().objects, patch], {});
    expect(verdict).toBe("denied");
    expect(text).toContain("isolates egress of auth/(pod with no labels)");
    expect(text).toMatch(
      /\n\nOnly a patch of auth\/patched is in the input: it was taken for a pod without labels\.\n$/,
    );
  });

  test("is not confused with one of another kind or namespace", () => {
    const objects = [...outage().objects, patch];
    for (const from of ["auth/patched[StatefulSet]", "my/patched"]) {
      const { verdict, text } = explain(from, `${collector}:9411`, objects, {});
      expect(verdict).toBe("unknown");
      expect(text).not.toContain("Only a patch");
    }
  });
});
