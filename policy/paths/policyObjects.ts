/** The policies that answers name, as the objects that findings are reported on. */
import { kinds } from "../../mesh/kinds";
import { type KubeObject } from "../model/objects";
import { type TracingModel } from "../model/tracingModel";
import { type ObjectRef as PolicyRef } from "../reachability";
import { type ObjectRef } from "../rule";

/** A NetworkPolicy of the input. */
export function policyObject(model: TracingModel, { namespace, name }: PolicyRef): KubeObject | undefined {
  return model.index.get(kinds.networkPolicy, namespace ?? "default", name);
}

/** What is known of an object that need not be in the input. */
export function asObject({ apiVersion, kind, namespace, name }: PolicyRef): ObjectRef {
  return { apiVersion, kind, metadata: { name, namespace } };
}
