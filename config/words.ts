/** Words of Kubernetes and Helm that several sections of a stack file use, each with its rule and fix. */
import { isIP } from "node:net";
import { z } from "zod";
import { filled, says, section, text, webUrl } from "./mistakes";

export const dnsLabel = text(
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  "a DNS label: lower-case letters, digits and dashes, at most 63",
  "write it like my-name",
);

export const objectName = z
  .string()
  .max(253, says("at most 253 characters", "shorten it"))
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    says("a Kubernetes object name: lower-case letters, digits, dashes and dots", "write it like my-name"),
  );

export const labels = z.record(z.string(), z.string());

/** Labels that pods are found by. */
export const podLabels = labels.refine(
  (value) => Object.keys(value).length > 0,
  says("labels that only these pods have; none would mean every pod", "write at least one label"),
);

export const port = z
  .int()
  .min(1, says("a port between 1 and 65535", "choose a port in that range"))
  .max(65535, says("a port between 1 and 65535", "choose a port in that range"));

export const cidr = z.union([z.cidrv4(), z.cidrv6()], {
  error: (issue) =>
    says(
      "an address range in CIDR notation",
      typeof issue.input === "string" && isIP(issue.input) !== 0
        ? `write ${issue.input}${isIP(issue.input) === 6 ? "/128" : "/32"}`
        : "write it like 10.0.0.0/8",
    ),
});

export const cpu = z
  .string()
  .regex(/^([1-9]\d*m|[1-9]\d*|\d+\.\d+)$/, says("a Kubernetes CPU quantity", "write it like 100m or 1"))
  .refine(
    (value) => !((cpusOf(value) ?? 0) > 1000),
    says("at most 1000 CPUs, which no node has", "write it like 100m or 1"),
  );

/** The number of CPUs of a quantity; undefined for what is none. */
export function cpusOf(value: unknown): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(m?)$/.exec(String(value)) ?? [];
  return number === undefined ? undefined : Number(number) / (unit === "m" ? 1000 : 1);
}

export const exactVersion = text(
  /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/,
  "an exact version, because a range would deploy something else tomorrow",
  "write it like 4.11.1",
);

/** Whether to create the namespace beside it. */
export const create = z.boolean().default(false);

/** Helm values, or fields of a custom resource: theirs to know. */
export const chartValues = z.record(z.string(), z.unknown());

export const positive = z.int().min(1, says("a positive whole number", "write 1 or more"));

/** A positive whole number, up to what can be meant. */
export const upTo = (most: number) => positive.max(most, says(`at most ${most}`, `write ${most} or less`));

const sourceKeys = ["repository", "oci", "path"];

/** Where a Helm chart comes from: a repository, an OCI registry, or a directory or archive on this machine. */
export const source = z.union(
  [
    section({
      repository: webUrl("the http(s) address of a Helm repository", "for OCI registries use the key oci"),
      version: exactVersion,
    }).describe("A chart of a Helm repository"),
    section({
      oci: z.string().startsWith("oci://", says("an OCI address", "write it like oci://registry/path/chart")),
      version: exactVersion,
    }).describe("A chart of an OCI registry"),
    section({
      path: filled("a directory or .tgz archive", "write it like ./charts/jaeger"),
    }).describe("A chart on this machine, for clusters without internet access"),
  ],
  {
    error: ({ input }) =>
      typeof input === "object" && input !== null && sourceKeys.some((key) => key in input)
        ? undefined
        : says(
            "where the chart comes from: repository and version, oci and version, or path",
            "write it like { repository: https://example.com/charts, version: 1.2.3 }",
          ),
  },
);

export type ChartSource =
  { repository: string; version: string } | { oci: string; version: string } | { path: string };
