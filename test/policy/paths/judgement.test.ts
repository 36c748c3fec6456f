import { expect, it } from "vitest";
import { withCollector } from "../../../docs/generate/sample/collector";
import { Mesh, options } from "../../../docs/generate/sample/mesh";
import { TracingModel } from "../../../policy/model/tracingModel";
import { judgementOf } from "../../../policy/paths/judgement";

const judged = (mesh: Mesh) => judgementOf(TracingModel.from(mesh.objects, options));

it("what a collector passes on counts as a path, with the collector as its sender", () => {
  const bare = judged(new Mesh());
  const open = judged(withCollector(new Mesh()));
  expect(open).toMatchObject({ senders: bare.senders + 1, open: bare.open + 1, closed: 0 });
  const closed = judged(withCollector(new Mesh()).remove("NetworkPolicy istio-system/allow-collector"));
  expect(closed).toMatchObject({ senders: open.senders, open: bare.open, closed: 1 });
});
