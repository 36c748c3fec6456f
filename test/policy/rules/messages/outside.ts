/** What faults of the services outside the mesh are told, word for word. */
import { type Messages } from "./message";

export const outside: Messages = {
  "a host is in two ServiceEntries": {
    message:
      "ServiceEntry istio-system/openai-external has the host accounts.google.com with port 443, which " +
      "ServiceEntry istio-system/google-external has too; one ServiceEntry a host is allowed",
    fix: `# in spec of ServiceEntry istio-system/openai-external
hosts:
  - api.openai.com`,
  },
  "HTTPS is declared as HTTP": {
    message:
      "ServiceEntry istio-system/google-external has port 443 with protocol HTTP, and no DestinationRule starts " +
      "TLS for it; HTTPS or TLS is allowed",
    fix: `# in spec.ports[0] of ServiceEntry istio-system/google-external
name: https
protocol: HTTPS`,
  },
  "a port is there twice": {
    message: "ServiceEntry istio-system/google-external has port 443 twice; once is allowed",
    fix: "# delete spec.ports[1] of ServiceEntry istio-system/google-external",
  },
};
