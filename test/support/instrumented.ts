/** A stack whose Deployments get their SDKs from the operator, one for each language. */
import { stackOf } from "./stack";

/** The section `namespaces` of it. */
export const instrumentedNamespaces = {
  shop: {
    isolation: "none",
    deployments: {
      cart: { instrument: "python", libc: "musl" },
      own: {},
      pay: { instrument: "java", container: "app" },
      rate: { instrument: "dotnet", libc: "musl" },
      ship: { instrument: "go", goTargetExe: "/app/ship", serviceName: "shipping" },
      web: { instrument: "nodejs", libc: undefined },
    },
  },
};

/** Sections given here replace those of the stack. */
export function instrumentedStack(sections: Record<string, unknown> = {}): ReturnType<typeof stackOf> {
  return stackOf({
    namespaces: instrumentedNamespaces,
    otel: { instrumentation: { allowPrivileged: true } },
    ...sections,
  });
}
