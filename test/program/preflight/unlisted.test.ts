import { expect, test } from "vitest";
import { notJudged } from "../../../program/preflight/unlisted";
import { planned } from "../../fixtures/cluster";
import { stackOf } from "../../fixtures/stack";

test("without a kind a preview says what it could not judge", () => {
  const { plan } = planned(stackOf());
  const names = "whether others have objects under this stack's names";
  const closed = "whether policies close the way of spans, DNS or istiod";
  const kinds = {
    Namespace: "which namespaces exist, and which are in the mesh",
    "Rollout.argoproj.io": "which workloads send spans, and what policies cut them off from",
    Service: `whether the collectors' Services exist and where they lead; ${names}`,
    NetworkPolicy: `${closed}; ${names}`,
    "CiliumNetworkPolicy.cilium.io": closed,
    ConfigMap: `the mesh config, and the settings of senders and collectors; ${names}`,
    "Telemetry.telemetry.istio.io": `whether another Telemetry takes the place of this stack's; ${names}`,
    "Sidecar.networking.istio.io": "whether proxies see the collector",
    "Kiali.kiali.io": "what the rules read of it",
    ServiceAccount: names,
    "Nobody.example.com": "what the rules read of it",
  };
  expect(notJudged(Object.keys(kinds), plan)).toEqual(
    Object.entries(kinds).map(([kind, what]) => `${kind}: ${what}`),
  );
});
