/**
 * The policy pack: `pulumi preview --policy-pack policy`. Levels and limits of every policy are set by the
 * pack's configuration (`--policy-pack-config`); what a policy asks is in `rules/`.
 */
import { PolicyPack } from "@pulumi/policy";
import { allRules } from "./rules";
import { addMissingTracingPorts } from "./pack/addMissingTracingPorts";
import { optionsFrom } from "./pack/options";
import { policiesOf } from "./pack/policies";

new PolicyPack("mesh-tracing", {
  displayName: "Mesh tracing",
  description: "Makes broken Istio trace paths impossible to deploy.",
  provider: "kubernetes",
  tags: ["istio", "tracing", "network-policy"],
  policies: [
    ...policiesOf(allRules, () => optionsFrom(process.env["PULUMI_CONFIG"])),
    addMissingTracingPorts,
  ],
});
