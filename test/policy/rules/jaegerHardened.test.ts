import { describe, expect, it } from "vitest";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { withOpenSearch } from "../../../docs/generate/sample/store";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const cleanerRef = "CronJob istio-system/jaeger-es-index-cleaner";
const cleanerPod = "spec jobTemplate spec template spec";

testRule("jaeger-hardened", {
  faults: [
    {
      ...exampleFault("jaeger-hardened"),
      level: "warning",
      object: jaeger,
      message:
        "Deployment istio-system/jaeger container jaeger may run as root (runAsNonRoot is not true) and has no " +
        "seccomp profile; the restricted Pod Security Standard forbids this",
      fix: `# in spec.template.spec (jaeger.podSecurityContext of chart 4.x)
securityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault`,
    },
    {
      name: "Jaeger keeps its capabilities",
      breaks: (mesh) => mesh.unset(jaeger, `${container} securityContext capabilities`),
      level: "warning",
      object: jaeger,
      message:
        "Deployment istio-system/jaeger container jaeger does not drop all capabilities; the restricted Pod Security Standard forbids this",
      fix: `# in container jaeger (jaeger.securityContext of chart 4.x)
securityContext:
  capabilities:
    drop:
      - ALL`,
    },
    {
      name: "the job that cleans the store up may run as root",
      breaks: (mesh) => withOpenSearch(mesh).unset(cleanerRef, `${cleanerPod} securityContext runAsNonRoot`),
      level: "warning",
      object: cleanerRef,
      message:
        "CronJob istio-system/jaeger-es-index-cleaner container cleaner may run as root (runAsNonRoot is not " +
        "true); the restricted Pod Security Standard forbids this",
      fix: `# in spec.jobTemplate.spec.template.spec (esIndexCleaner.podSecurityContext of chart 4.x)
securityContext:
  runAsNonRoot: true`,
    },
  ],
  harmless: [
    {
      name: "Jaeger as a chart that was not templated",
      varies: (mesh) => {
        const pod = (mesh.get(jaeger)["spec"] as { template: { spec: Record<string, unknown> } }).template
          .spec;
        const [own] = pod["containers"] as Record<string, unknown>[];
        mesh.remove(jaeger).add({
          apiVersion: "mesh-tracing/v1",
          kind: "HelmChart",
          metadata: { name: "jaeger", namespace: "istio-system" },
          spec: {
            chart: "jaeger",
            version: "4.11.1",
            values: {
              fullnameOverride: "jaeger",
              jaeger: {
                args: own?.["args"],
                resources: own?.["resources"],
                securityContext: own?.["securityContext"],
                podSecurityContext: pod["securityContext"],
                podLabels: { "sidecar.istio.io/inject": "false" },
              },
            },
          },
        });
      },
    },
  ],
});

describe("jaeger-hardened", () => {
  const ask = asker("jaeger-hardened");
  const own = `${container} securityContext`;
  const pod = "spec template spec securityContext";
  const says = (what: string, lines: string) => [
    `warning: ${jaeger} container jaeger ${what}; the restricted Pod Security Standard forbids this` +
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
      says("does not drop all capabilities", capabilities),
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
        "has no seccomp profile, allows privilege escalation, does not drop all capabilities and uses the host's namespaces (hostPID)",
        inPod("hostPID: false\nsecurityContext:\n  seccompProfile:\n    type: RuntimeDefault\n") +
          inOwn("allowPrivilegeEscalation: false\n  capabilities:\n    drop:\n      - ALL"),
      ),
    );
  });
});
