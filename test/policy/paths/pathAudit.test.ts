/** What an audit of paths makes of single answers. */
import { describe, expect, it } from "vitest";
import { type Target } from "../../../policy/paths/target";
import { TracingModel } from "../../../policy/model/tracingModel";
import { type Cause, type NoRule, type Reason, type Side, type Verdict } from "../../../policy/reachability";
import { PathAudit } from "../../../policy/paths/pathAudit";
import { askSpanPaths } from "../../../policy/paths/spanPaths";
import { nameOf } from "../../../policy/rule";
import { Mesh, options } from "../../../docs/generate/sample/mesh";

const policyObject = (namespace: string, name: string, spec: object) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace },
  spec,
});
const app = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "apps" },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web", "sidecar.istio.io/inject": "true" } },
      spec: { containers: [{ name: "web" }] },
    },
  },
};
const shut = policyObject("apps", "shut", { podSelector: {}, policyTypes: ["Egress"] });
const traces = policyObject("apps", "traces", {
  podSelector: { matchLabels: { "app.kubernetes.io/name": "jaeger" } },
});
const model = TracingModel.from([app, shut, traces]);
const [traced] = model.traced;
if (traced === undefined) throw new Error("nothing is traced");
const sender = traced;

const target = (verdict: Verdict, ...because: Reason[]): Target => ({
  name: "Service tracing/jaeger",
  purpose: "spans",
  peer: { namespace: "tracing", labels: { app: "jaeger" } },
  protocol: "TCP",
  ask: () => ({ verdict, because }),
});
const ref = (namespace: string, name: string) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  namespace,
  name,
});
const noRule = (namespace: string, name: string, side: Side = "egress"): NoRule => ({
  kind: "no-rule",
  side,
  port: 4317,
  protocol: "TCP",
  isolating: [{ policy: ref(namespace, name) }],
  text: "no rule",
});
const doubt = (cause: Partial<Cause>, side?: Side): Reason => ({
  kind: "unknown",
  ...(side === undefined ? {} : { side }),
  cause: { kind: "pod-labels", text: "labels", ...cause },
  text: "its labels are not known",
});

function audit(ignored: Cause["kind"][] = []) {
  return new PathAudit(model, {
    consequence: "so that it is lost",
    relatedPorts: [4317],
    policyNames: { egress: "to-jaeger", ingress: "from-apps" },
    ignored,
  });
}
/** The verdict, and what is said about which object. */
function ask(first: Target, alternatives: Target[] = [], ignored: Cause["kind"][] = []) {
  const asked = audit(ignored);
  const verdict = asked.check(sender, first, alternatives);
  return [verdict, ...asked.problems().map(({ object, level }) => `${level ?? "error"} ${nameOf(object)}`)];
}

describe("a verdict", () => {
  const closed = noRule("apps", "shut");
  // Nothing else of this namespace is in the input: another policy may open the way.
  const elsewhere = noRule("gone", "shut", "ingress");

  it("is what is answered", () => {
    expect(ask(target("allowed"))).toEqual(["allowed"]);
    expect(ask(target("allowed", closed))).toEqual(["allowed"]);
    expect(ask(target("unknown"))).toEqual(["unknown"]);
    expect(ask(target("denied"))).toEqual(["denied"]);
    expect(ask(target("denied", closed))).toEqual(["denied", "error NetworkPolicy apps/shut"]);
    expect(ask(target("denied", { ...closed, isolating: [] }))).toEqual(["denied"]);
  });

  it("is that of an alternative that is open", () => {
    const denied = target("denied", closed);
    expect(ask(denied, [target("unknown"), target("allowed")])).toEqual(["allowed"]);
    expect(ask(target("unknown"), [target("allowed")])).toEqual(["allowed"]);
    expect(ask(denied, [target("denied"), target("unknown")])).toEqual([
      "denied",
      "error NetworkPolicy apps/shut",
    ]);
  });

  it("is open where only policies that are not in the input may still open the way", () => {
    expect(ask(target("denied", elsewhere))).toEqual(["unknown", "warning NetworkPolicy gone/shut"]);
    expect(ask(target("denied", closed, elsewhere))).toEqual([
      "denied",
      "error NetworkPolicy apps/shut",
      "warning NetworkPolicy gone/shut",
    ]);
  });
});

describe("a doubt", () => {
  const isolated = (side: Side, name: string): Reason => ({
    kind: "isolated",
    side,
    policy: ref("apps", name),
    certain: true,
    text: "isolated",
  });

  it("is about the object that it names, else the policy of its side, else the workload", () => {
    const named = { apiVersion: "v1", kind: "Service", namespace: "apps", name: "s" };
    expect(ask(target("unknown", doubt({ object: named }, "egress")))).toEqual([
      "unknown",
      "warning Service apps/s",
    ]);
    expect(
      ask(target("unknown", isolated("ingress", "other"), isolated("egress", "shut"), doubt({}, "egress"))),
    ).toEqual(["unknown", "warning NetworkPolicy apps/shut"]);
    expect(ask(target("unknown", isolated("egress", "gone"), doubt({}, "egress")))).toEqual([
      "unknown",
      "warning NetworkPolicy apps/gone",
    ]);
    expect(ask(target("unknown", isolated("ingress", "shut"), doubt({}, "egress")))).toEqual([
      "unknown",
      "warning Deployment apps/web",
    ]);
  });

  it("is not told where another rule tells it", () => {
    expect(ask(target("unknown", doubt({})), [], ["pod-labels"])).toEqual(["unknown"]);
    const object = { apiVersion: "v1", kind: "Service", metadata: { name: "g", namespace: "apps" } };
    const guessed = (isReported: boolean) => ({
      ...target("unknown", doubt({})),
      guessed: { object, isReported },
    });
    expect(ask(guessed(true))).toEqual(["unknown"]);
    const namedPort = target("unknown", doubt({ kind: "pod-ports" }));
    expect(ask({ ...namedPort, guessed: { object, isReported: true } })).toEqual(["unknown"]);
    expect(ask(namedPort)).toEqual(["unknown", "warning Deployment apps/web"]);
    expect(ask(guessed(false))).toEqual(["unknown", "warning Service apps/g"]);
  });

  it("about labels is none of a policy for the pods of traces alone", () => {
    const about = (kind: Cause["kind"]) =>
      ask(target("unknown", isolated("egress", "traces"), doubt({ kind }, "egress")));
    expect(about("pod-labels")).toEqual(["unknown"]);
    expect(about("namespace-labels")).toEqual(["unknown", "warning NetworkPolicy apps/traces"]);
  });

  it("is told once for each thing that is not known", () => {
    const asked = audit();
    const named = { apiVersion: "v1", kind: "Service", namespace: "apps", name: "s" };
    const [at, elsewhere] = ["spec.a", "spec.b"].map((path) =>
      target("unknown", doubt({ object: named, path, text: path })),
    );
    for (const one of [at, at, elsewhere]) if (one !== undefined) asked.check(sender, one);
    expect(asked.problems()).toHaveLength(2);
    const texts = audit();
    for (const text of ["a", "a", "b"]) texts.check(sender, target("unknown", doubt({ text })));
    expect(texts.problems()).toHaveLength(2);
  });
});

describe("the span paths", () => {
  const verdicts = (mesh: Mesh, more = {}) => {
    const { paths } = askSpanPaths(TracingModel.from(mesh.objects, { ...options, ...more }));
    return [
      ...new Set(
        paths
          .filter(({ traced: { workload } }) => workload.namespace === "auth")
          .map(({ protocol, verdict }) => `${protocol} ${verdict}`),
      ),
    ];
  };

  it("are open, closed, or of nobody known", () => {
    expect(verdicts(new Mesh())).toEqual(["zipkin allowed", "otlp-grpc allowed"]);
    const egress = "NetworkPolicy auth/allow-jaeger-egress";
    expect(verdicts(new Mesh().unset(egress, "spec egress 0 ports 2"))).toEqual([
      "zipkin denied",
      "otlp-grpc allowed",
    ]);
    const otlp = (url: string) =>
      verdicts(new Mesh().set("ConfigMap auth/otel-environment", "data OTEL_EXPORTER_OTLP_ENDPOINT", url));
    expect(otlp("http://$(HOST_IP):4317")).toEqual(["zipkin allowed", "otlp-grpc unknown"]);
    expect(otlp("http://jaeger-collector-clusterip.istio-system:1")).toEqual([
      "zipkin allowed",
      "otlp-grpc denied",
    ]);
  });
});
