import { expect, it } from "vitest";
import { type Traced } from "../../../policy/model/traced";
import { describeSenders } from "../../../policy/paths/senders";

const senders = (count: number, namespaces: readonly string[]): Traced[] =>
  Array.from({ length: count }, (_, index): Traced => {
    const namespace = namespaces[index % namespaces.length] ?? "";
    const name = `web-${index}`;
    const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace } };
    return {
      membership: "sidecar",
      workload: { object, namespace, name, pod: {}, labels: {}, annotations: {} },
    };
  });

it("few senders are named, many of several namespaces are told by those", () => {
  expect(describeSenders(senders(2, ["shop"]))).toBe("Deployment shop/web-0 and Deployment shop/web-1");
  expect(describeSenders(senders(10, ["shop", "auth"]))).toBe(
    "Deployment auth/web-1, Deployment auth/web-3 and 8 more",
  );
  expect(describeSenders(senders(11, ["shop", "auth"]))).toBe("11 workloads of namespaces auth and shop");
  expect(describeSenders(senders(11, ["shop"]))).toBe(
    "Deployment shop/web-0, Deployment shop/web-1 and 9 more",
  );
});
