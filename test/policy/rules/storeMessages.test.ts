/** What the faults of a store are told, word for word. */
import { expect, it } from "vitest";
import { checkAll } from "../../../policy/check";
import { stores } from "./faults/stores";
import { Mesh, options } from "./fixture";

const messages: Record<string, { message: string; fix: string }> = {
  "three pods that keep traces in memory": {
    message:
      "Deployment istio-system/jaeger has 3 pods and keeps traces in the memory of each, so that each " +
      "trace is torn apart; one pod, or a store they share, is required",
    fix: `# in spec (jaeger.replicas of chart 4.x)
replicas: 1`,
  },
  "an autoscaler for pods that keep traces in memory": {
    message:
      "HorizontalPodAutoscaler istio-system/jaeger makes up to 4 pods of Jaeger, which keeps traces in " +
      "the memory of each, so that each trace is torn apart; one pod, or a store they share, is " +
      "required",
    fix: `# remove it, or let Jaeger keep its traces in a store that its pods share`,
  },
  "a disk that the next pod cannot open": {
    message:
      "Deployment istio-system/jaeger starts a new pod before the old one has let go of the disk with " +
      "its traces, which only one can open; strategy Recreate is required",
    fix: `# in spec (jaeger.strategy of chart 4.x)
strategy:
  type: Recreate`,
  },
  "egress of Jaeger with another port than its store's": {
    message:
      "NetworkPolicy istio-system/allow-jaeger-storage isolates the egress of CronJob " +
      "istio-system/jaeger-es-index-cleaner and Deployment istio-system/jaeger and does not let them " +
      "reach Service logging/opensearch on TCP 9200 (Jaeger's store), so that traces are not kept, or " +
      "not deleted when their time is over; a rule for TCP 9200 is required",
    fix: `# add to spec.egress of NetworkPolicy istio-system/allow-jaeger-storage
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: logging
  ports:
    - protocol: TCP
      port: 9200`,
  },
  "the store's namespace lets Jaeger in on another port": {
    message:
      "NetworkPolicy logging/allow-clients isolates the ingress of Service logging/opensearch and does " +
      "not let CronJob istio-system/jaeger-es-index-cleaner and Deployment istio-system/jaeger reach " +
      "it on TCP 9200 (Jaeger's store), so that traces are not kept, or not deleted when their time is " +
      "over; spec.ingress[0] must list TCP 9200",
    fix: `# add to spec.ingress[0].ports of NetworkPolicy logging/allow-clients
- protocol: TCP
  port: 9200`,
  },
  "Cassandra of Jaeger 1 behind an address that egress forgets": {
    message:
      "NetworkPolicy istio-system/allow-jaeger-storage isolates the egress of Deployment " +
      "istio-system/jaeger and does not let it reach 10.1.2.3 on TCP 9042 (Jaeger's store), so that " +
      "traces are not kept, or not deleted when their time is over; a rule for TCP 9042 is required",
    fix: `# add to spec.egress of NetworkPolicy istio-system/allow-jaeger-storage
- to:
    - ipBlock:
        cidr: 10.1.2.3/32
  ports:
    - protocol: TCP
      port: 9042`,
  },
  "the store's password in Jaeger's configuration": {
    message:
      "ConfigMap istio-system/user-config has a password in clear in Jaeger's configuration " +
      "(extensions.jaeger_storage.backends.some_storage.opensearch.auth.basic.password); a reference " +
      "to a Secret is required",
    fix: `# in the configuration, with the variable set from a Secret; change the password too
password: \${env:JAEGER_STORE_PASSWORD}`,
  },
  "the store's password in a variable": {
    message:
      "Deployment istio-system/jaeger container jaeger has a password in clear in variable " +
      "JAEGER_STORE_PASSWORD; a reference to a Secret is required",
    fix: `# in env of container jaeger, instead of it; change the password too
- name: JAEGER_STORE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: jaeger-store
      key: password`,
  },
  "the store's password in an argument": {
    message:
      "Deployment istio-system/jaeger container jaeger has a password in clear in its arguments " +
      "(extensions.jaeger_storage.backends.some_storage.opensearch.auth.basic.password); a reference " +
      "to a Secret is required",
    fix: `# in env of container jaeger, and $(JAEGER_STORE_PASSWORD) in the argument; change the password too
- name: JAEGER_STORE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: jaeger-store
      key: password`,
  },
  "the store's password in the variables of the job that cleans it up": {
    message:
      "CronJob istio-system/jaeger-es-index-cleaner container cleaner has a password in clear in " +
      "variable ES_PASSWORD; a reference to a Secret is required",
    fix: `# in env of container cleaner, instead of it; change the password too
- name: ES_PASSWORD
  valueFrom:
    secretKeyRef:
      name: jaeger-store
      key: password`,
  },
  "traces go to the store in clear": {
    message:
      "ConfigMap istio-system/user-config lets Jaeger send traces, and the password if there is one, " +
      "to opensearch.logging.svc:9200 in clear " +
      "(extensions.jaeger_storage.backends.some_storage.opensearch); TLS is required",
    fix: `# in extensions.jaeger_storage.backends.some_storage.opensearch
server_urls:
  - https://opensearch.logging.svc:9200
tls:
  ca_file: /etc/jaeger-store/ca/ca.crt`,
  },
  "traces go to Cassandra in clear": {
    message:
      "ConfigMap istio-system/user-config lets Jaeger send traces, and the password if there is one, " +
      "to cassandra.cassandra.svc:9042 in clear " +
      "(extensions.jaeger_storage.backends.some_storage.cassandra); TLS is required",
    fix: `# in extensions.jaeger_storage.backends.some_storage.cassandra.connection
tls:
  insecure: false
  ca_file: /etc/jaeger-store/ca/ca.crt`,
  },
  "Jaeger trusts any certificate of its store": {
    message:
      "ConfigMap istio-system/user-config lets Jaeger trust any certificate of its store " +
      "(extensions.jaeger_storage.backends.some_storage.opensearch.tls); a check is required",
    fix: `# in extensions.jaeger_storage.backends.some_storage.opensearch
tls:
  ca_file: /etc/jaeger-store/ca/ca.crt`,
  },
  "the job that cleans the store up does not check its certificate": {
    message:
      "CronJob istio-system/jaeger-es-index-cleaner container cleaner does not check the store's " +
      "certificate (--es.tls.skip-host-verify); a check is required",
    fix: `# in the arguments of container cleaner, instead of it
- --es.tls.ca=/etc/jaeger-store/ca/ca.crt`,
  },
  "the job that cleans the store up may run as root": {
    message:
      "CronJob istio-system/jaeger-es-index-cleaner container cleaner may run as root (runAsNonRoot is " +
      "not true); none of it is allowed by the restricted Pod Security Standard",
    fix: `# in spec.jobTemplate.spec.template.spec (esIndexCleaner.podSecurityContext of chart 4.x)
securityContext:
  runAsNonRoot: true`,
  },
};

it.each(Object.entries(messages))("%s", (name, expected) => {
  const fault = stores.find((one) => one.name === name);
  if (fault === undefined) throw new Error(`no such fault: ${name}`);
  const mesh = new Mesh();
  fault.breaks(mesh);
  const [finding] = checkAll(mesh.objects, options);
  expect({ message: finding?.message, fix: finding?.fix }).toEqual(expected);
});

it("never repeats a password", () => {
  for (const { breaks, rule } of stores.filter((fault) => fault.rule === "jaeger-storage-credentials")) {
    const mesh = new Mesh();
    breaks(mesh);
    const findings = checkAll(mesh.objects, options);
    expect(findings.map((finding) => finding.rule)).toEqual([rule]);
    expect(JSON.stringify(findings)).not.toContain("hunter2");
  }
});
