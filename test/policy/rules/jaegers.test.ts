/** The rules about Jaeger's pods and its UI. */
import { describe, expect, it } from "vitest";
import { asker, istioObject } from "./asking";
import { httpRoute, ingressRoute } from "./faults/jaegers";
import { type Manifest, Mesh } from "./fixture";

const jaeger = "Deployment istio-system/jaeger";
const query = "Service istio-system/jaeger-query-clusterip";
const container = "spec template spec containers 0";
const maxTraces = "--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=";

describe("jaeger-memory-bound", () => {
  const ask = asker("jaeger-memory-bound");
  const limited = (memory: unknown, traces = 10000) =>
    ask(
      new Mesh()
        .set(jaeger, `${container} resources limits memory`, memory)
        .set(jaeger, `${container} args`, [`${maxTraces}${traces}`]),
    );

  it.each([
    ["512Mi", 10000],
    ["536870912", 10000],
    [536870912, 10000],
    ["524288Ki", 10000],
    ["0.5Gi", 10000],
    ["1Gi", 20000],
    ["536871k", 10000],
    ["1100M", 20000],
    ["1.1G", 20000],
    ["11e8", 20000],
  ])("%s holds %i traces", (memory, traces) => {
    expect(limited(memory, traces)).toEqual([]);
    expect(limited(memory, 10 * traces)).toHaveLength(1);
  });

  it("of a terabyte holds all that is asked for", () => {
    expect(limited("1Ti", 1_000_000)).toEqual([]);
    expect(limited("1T", 1_000_000)).toEqual([]);
  });

  it("needs a quantity", () => {
    const says = (written: string) => [
      `error: ${jaeger} container jaeger has the memory limit ${written}, which is no quantity\n# in container jaeger\n` +
        "resources:\n  limits:\n    memory: 512Mi",
    ];
    expect(limited("much")).toEqual(says("much"));
    expect(limited("512MiB")).toEqual(says("512MiB"));
    expect(limited("x512Mi")).toEqual(says("x512Mi"));
    expect(limited(["512Mi"])).toEqual(says("?"));
  });

  it("knows what it may not know", () => {
    const unknown = () => new Mesh().set(jaeger, `${container} args`, ["--config=/etc/jaeger.yaml"]);
    expect(ask(unknown())).toEqual([
      `warning: ${jaeger} container jaeger may keep more traces than its memory limit 512Mi holds: its configuration file is ` +
        "not in the input; at most 10000 fit\n# in container jaeger, unless its configuration says it\n" +
        `args:\n  - ${maxTraces}10000`,
    ]);
    expect(ask(unknown().unset(jaeger, `${container} resources`))).toEqual([
      `warning: ${jaeger} container jaeger has no memory limit, and its store keeps traces in memory; a limit is required\n` +
        "# in container jaeger, or as jaeger.resources in the values of chart 4.x\nresources:\n  limits:\n    memory: 512Mi",
    ]);
    const elsewhere = new Mesh().set(jaeger, `${container} env`, [
      { name: "SPAN_STORAGE_TYPE", value: "badger" },
    ]);
    expect(ask(elsewhere.unset(jaeger, `${container} resources`))).toEqual([]);
  });
});

describe("jaeger-hardened", () => {
  const ask = asker("jaeger-hardened");
  const own = `${container} securityContext`;
  const pod = "spec template spec securityContext";
  const says = (what: string, lines: string) => [
    `error: ${jaeger} container jaeger ${what}; none of it is allowed by the restricted Pod Security Standard` +
      (lines === "" ? "" : `\n${lines}`),
  ];
  const inPod = (lines: string) =>
    `# in spec.template.spec (jaeger.podSecurityContext of chart 4.x)\n${lines}`;
  const inOwn = (lines: string) =>
    `# in container jaeger (jaeger.securityContext of chart 4.x)\nsecurityContext:\n  ${lines}`;
  const capabilities = inOwn("capabilities:\n    drop:\n      - ALL");
  const root = inPod("securityContext:\n  runAsNonRoot: true");

  it.each<[string, string, unknown, string[]]>([
    ["root", `${pod} runAsNonRoot`, false, says("may run as root (runAsNonRoot is not true)", root)],
    [
      "root by the container",
      `${own} runAsNonRoot`,
      false,
      says("may run as root (runAsNonRoot is not true)", root),
    ],
    ["user 0", `${pod} runAsUser`, 0, says("runs as user 0", inPod("securityContext:\n  runAsUser: 10001"))],
    ["another user", `${pod} runAsUser`, 1, []],
    [
      "no seccomp profile",
      `${pod} seccompProfile type`,
      "Unconfined",
      says("has no seccomp profile", inPod("securityContext:\n  seccompProfile:\n    type: RuntimeDefault")),
    ],
    ["a profile of its own", `${pod} seccompProfile type`, "Localhost", []],
    ["a profile of the container", `${own} seccompProfile`, { type: "RuntimeDefault" }, []],
    [
      "escalation",
      `${own} allowPrivilegeEscalation`,
      undefined,
      says("allows privilege escalation", inOwn("allowPrivilegeEscalation: false")),
    ],
    ["privileges", `${own} privileged`, true, says("is privileged", inOwn("privileged: false"))],
    ["no privileges", `${own} privileged`, false, []],
    [
      "some capabilities",
      `${own} capabilities drop`,
      ["NET_RAW"],
      says("drops not all capabilities", capabilities),
    ],
    ["all of them and one more", `${own} capabilities drop`, ["NET_RAW", "ALL"], []],
    ["the one that is allowed", `${own} capabilities add`, ["NET_BIND_SERVICE"], []],
    [
      "others",
      `${own} capabilities add`,
      ["NET_BIND_SERVICE", "NET_RAW", "SYS_TIME"],
      says("adds capabilities (NET_RAW, SYS_TIME)", capabilities),
    ],
    [
      "the host's network",
      "spec template spec hostNetwork",
      true,
      says("uses the host's namespaces (hostNetwork)", inPod("hostNetwork: false")),
    ],
    [
      "the host's processes",
      "spec template spec hostPID",
      true,
      says("uses the host's namespaces (hostPID)", inPod("hostPID: false")),
    ],
    [
      "the host's memory",
      "spec template spec hostIPC",
      true,
      says("uses the host's namespaces (hostIPC)", inPod("hostIPC: false")),
    ],
    ["the pod's own network", "spec template spec hostNetwork", false, []],
    [
      "the host's files",
      "spec template spec volumes",
      [{ name: "a" }, { name: "b", hostPath: { path: "/" } }],
      says("mounts the host's files (hostPath)", ""),
    ],
    ["files of its own", "spec template spec volumes", [{ name: "a", emptyDir: {} }], []],
  ])("%s", (_, path, value, expected) => {
    expect(ask(new Mesh().set(jaeger, path, value))).toEqual(expected);
  });

  it("says all that is wrong, and where each line goes", () => {
    const mesh = new Mesh()
      .set(jaeger, pod, {})
      .set(jaeger, own, { runAsNonRoot: true })
      .set(jaeger, "spec template spec hostPID", true);
    expect(ask(mesh)).toEqual(
      says(
        "has no seccomp profile, allows privilege escalation, drops not all capabilities and uses the host's namespaces (hostPID)",
        inPod("hostPID: false\nsecurityContext:\n  seccompProfile:\n    type: RuntimeDefault\n") +
          inOwn("allowPrivilegeEscalation: false\n  capabilities:\n    drop:\n      - ALL"),
      ),
    );
  });
});

describe("jaeger-no-sidecar", () => {
  const ask = asker("jaeger-no-sidecar");

  it("is asked of what is behind the collector's Service too", () => {
    const mesh = (image: string, label: string) =>
      new Mesh()
        .set(jaeger, `${container} image`, image)
        .set(jaeger, "spec template metadata labels sidecar.istio.io/inject", label);
    const lines =
      `error: ${jaeger} gets a sidecar, which traces the spans on their way to it; no sidecar is allowed\n` +
      '# in spec.template.metadata, or as jaeger.podLabels in the values of chart 4.x\nlabels:\n  sidecar.istio.io/inject: "false"';
    expect(ask(mesh("otel/collector:1", "true"))).toEqual([lines]);
    expect(ask(mesh("jaegertracing/jaeger:2", "true"))).toEqual([lines]);
    expect(ask(mesh("otel/collector:1", "false"))).toEqual([]);
    expect(ask(mesh("jaegertracing/jaeger:2", "true"), { collector: "tracing/other:9411" })).toEqual([lines]);
  });
});

describe("jaeger-ui-not-public", () => {
  const ask = asker("jaeger-ui-not-public");
  const protect = (hosts: string, namespace = "istio-system") =>
    "# add, with a RequestAuthentication that says who is trusted\napiVersion: security.istio.io/v1\n" +
    `kind: AuthorizationPolicy\nmetadata:\n  name: jaeger-ui-authenticated\n  namespace: ${namespace}\nspec:\n  action: DENY\n` +
    `  rules:\n    - from:\n        - source:\n            notRequestPrincipals:\n              - "*"\n      to:\n` +
    `        - operation:\n            hosts:${hosts}`;
  const routes = (what: string) =>
    `error: ${what} from outside to Jaeger's UI and API without authentication; an AuthorizationPolicy on the gateway, or ` +
    "the ingress controller's own, is required\n";
  const virtualService = (
    port: object = {},
    gateway = "edge/public",
    host = "jaeger-query-clusterip",
  ): Manifest =>
    istioObject("VirtualService", "ui", {
      hosts: ["a.example.com", "b.example.com"],
      gateways: [gateway],
      http: [{ route: [{ destination: { host, ...port } }] }],
    });

  it.each(["LoadBalancer", "NodePort"])("a Service of type %s", (type) => {
    const service = () => new Mesh().set(query, "spec type", type);
    expect(ask(service())).toEqual([
      `error: ${query} of type ${type} shows Jaeger's UI and API to anybody outside the cluster; type ClusterIP is ` +
        "allowed\n# in spec\ntype: ClusterIP",
    ]);
    const other = new Mesh().set("Service istio-system/jaeger-collector-clusterip", "spec type", type);
    expect(ask(other)).toEqual([]);
    expect(ask(service().set(query, "spec selector", {}))).toEqual([]);
    expect(ask(service().set(query, "metadata namespace", "tracing"))).toEqual([]);
    expect(ask(service().set(query, "spec selector extra", "label"))).toEqual([]);
  });

  it("a route, whatever its host and port", () => {
    const both = ["a.example.com", "b.example.com"]
      .map((host) => `\n              - ${host}\n              - ${host}:*`)
      .join("");
    const says = [
      `${routes("VirtualService istio-system/ui routes a.example.com, b.example.com")}${protect(both, "edge")}`,
    ];
    expect(ask(new Mesh().add(virtualService()))).toEqual(says);
    expect(ask(new Mesh().add(virtualService({ port: { number: 16686 } })))).toEqual(says);
    expect(ask(new Mesh().add(virtualService({ port: { number: 16685 } })))).toEqual(says);
    expect(ask(new Mesh().add(virtualService({ port: { number: 80 } })))).toEqual([]);
    expect(ask(new Mesh().add(virtualService({}, "edge/public", "jaeger-collector-clusterip")))).toEqual([]);
    expect(ask(new Mesh().add(virtualService({}, "mesh")))).toEqual([]);
    const anyHost = { ...httpRoute, spec: { ...(httpRoute["spec"] as object), hostnames: undefined } };
    expect(ask(new Mesh().add(anyHost))).toEqual([
      `${routes("HTTPRoute istio-system/jaeger routes any host")}${protect("").split("\n      to:")[0]}`,
    ]);
    const ingress = ask(new Mesh().add(ingressRoute));
    expect(ingress).toEqual([
      `${routes("Ingress istio-system/jaeger routes jaeger.example.com")}# in metadata.annotations, for ingress-nginx with a ` +
        "proxy that authenticates\nnginx.ingress.kubernetes.io/auth-url: https://auth.example.com/oauth2/auth",
    ]);
  });

  it("a port that has the UI behind it: by number, or by name", () => {
    const ports = (...list: object[]) =>
      ask(new Mesh().set(query, "spec ports", list).set(query, "spec type", "NodePort")).length;
    expect(ports({ port: 80 })).toBe(0);
    expect(ports({ port: 80 }, { port: 81, targetPort: 16686 })).toBe(1);
    expect(ports({ port: 80, targetPort: "16685" })).toBe(1);
    expect(ports({ port: 16686 })).toBe(1);
    expect(ports({ port: 16686, targetPort: 80 })).toBe(0);
    expect(ports({ port: 80, targetPort: "query" })).toBe(1);
    expect(ports({ port: 80, targetPort: "ui" })).toBe(1);
    expect(ports({ port: 80, targetPort: "zipkin" })).toBe(0);
    expect(ports({ name: "query" })).toBe(0);
  });

  it("is not asked where there is no Jaeger", () => {
    expect(ask(new Mesh().remove(jaeger).set(query, "spec type", "NodePort"))).toEqual([]);
  });
});
