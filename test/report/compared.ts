/** Two meshes compared, as the command does it. */
import { type Comparison, compareSides, type Context, type Side } from "../../report/comparison";
import { Mesh, options } from "../../docs/generate/sample/mesh";

/** A side with the fixture's mesh, changed. */
export function side(label: string, change: (mesh: Mesh) => unknown = () => {}): Side {
  const mesh = new Mesh();
  change(mesh);
  return { label, objects: mesh.objects, options };
}

/** What a change of the fixture's mesh does. */
export function comparing(change: (mesh: Mesh) => unknown, context: Partial<Context> = {}): Comparison {
  return compareSides(side("main"), side("head", change), {
    subject: "stack dev",
    isStack: true,
    ...context,
  });
}

/** The outage: policies that forget Zipkin's port. */
export function outage(...namespaces: string[]): (mesh: Mesh) => void {
  return (mesh) => {
    for (const namespace of namespaces)
      mesh.unset(`NetworkPolicy ${namespace}/allow-jaeger-egress`, "spec egress 0 ports 2");
  };
}
