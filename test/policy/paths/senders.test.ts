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

it("up to three senders are named, more of several namespaces are told by those", () => {
  expect(describeSenders(senders(2, ["shop"]))).toBe("Deployment shop/web-0 and Deployment shop/web-1");
  expect(describeSenders(senders(3, ["shop", "auth"]))).toBe(
    "Deployment auth/web-1, Deployment shop/web-0 and Deployment shop/web-2",
  );
  expect(describeSenders(senders(4, ["shop", "auth"]))).toBe("4 workloads of namespaces auth and shop");
  expect(describeSenders(senders(11, ["shop", "auth"]))).toBe("11 workloads of namespaces auth and shop");
  expect(describeSenders(senders(11, ["shop"]))).toBe(
    "Deployment shop/web-0, Deployment shop/web-1 and 9 more",
  );
});
