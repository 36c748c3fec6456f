import { expect, it } from "vitest";
import { byCause } from "../../findings/causes";
import { type Finding } from "../../findings/finding";

const finding = (name: string, message: string): Finding => ({
  rule: "otlp-endpoint",
  level: "warning",
  apiVersion: "apps/v1",
  kind: "Deployment",
  namespace: "shop",
  name,
  message: `Deployment shop/${name} ${message}`,
  fix: "",
});

it.each([
  [
    "containers have names of their own",
    "container web has no endpoint",
    "container server has no endpoint",
    1,
  ],
  ["rules stand at other places", "add TCP 9411 to spec.egress[1]", "add TCP 9411 to spec.egress[4]", 1],
  ["the value differs", "container a has port 4317", "container b has port 4318", 2],
])("one cause is one, though %s", (_, one, other, causes) => {
  expect(byCause([finding("a", one), finding("b", other)])).toHaveLength(causes);
});
