/** Faults of the services outside the mesh. */
import { type Fault } from "./fault";

const google = "ServiceEntry istio-system/google-external";

export const outside: readonly Fault[] = [
  {
    name: "a wildcard is resolved by DNS",
    breaks: (mesh) => mesh.set("ServiceEntry istio-system/aws-s3-external", "spec resolution", "DNS"),
    rule: "service-entry-resolution",
    object: "ServiceEntry istio-system/aws-s3-external",
  },
  {
    name: "a host is in two ServiceEntries",
    breaks: (mesh) =>
      mesh.set("ServiceEntry istio-system/openai-external", "spec hosts", [
        "api.openai.com",
        "accounts.google.com",
      ]),
    rule: "service-entry-hosts",
    object: "ServiceEntry istio-system/openai-external",
  },
  {
    name: "HTTPS is declared as HTTP",
    breaks: (mesh) => mesh.set(google, "spec ports 0 protocol", "HTTP"),
    rule: "service-entry-ports",
    object: google,
  },
  {
    name: "a port is there twice",
    breaks: (mesh) => mesh.set(google, "spec ports 1", { name: "https-2", number: 443, protocol: "TLS" }),
    rule: "service-entry-ports",
    object: google,
  },
];
