/** What the lab builds, and of what. */
import { describe, expect, test } from "vitest";
import { goModFor, missingParts, readGoModule } from "../../lab/build";
import { labHome } from "../../lab/home";
import { parts } from "../../lab/parts";

describe("a go.mod for the programs of another module", () => {
  const kubernetes = `module k8s.io/kubernetes

go 1.25.0

replace (
	k8s.io/api => ./staging/src/k8s.io/api // generated
	k8s.io/client-go => ./staging/src/k8s.io/client-go
)
`;

  test("directories of Kubernetes' repository are modules of the same minor version", () => {
    const module = readGoModule(kubernetes, "v1.34.12");
    expect(module).toEqual({
      go: "1.25.0",
      replaces: ["k8s.io/api => k8s.io/api v0.34.12", "k8s.io/client-go => k8s.io/client-go v0.34.12"],
    });
    expect(goModFor({ module: "k8s.io/kubernetes", version: "v1.34.12" }, module)).toBe(
      [
        "module lab.invalid/build",
        "",
        "go 1.25.0",
        "",
        "require k8s.io/kubernetes v1.34.12",
        "",
        "replace (",
        "\tk8s.io/api => k8s.io/api v0.34.12",
        "\tk8s.io/client-go => k8s.io/client-go v0.34.12",
        ")",
        "",
      ].join("\n"),
    );
  });

  test("a module's own replacements are repeated, its directories are left out", () => {
    const text = "module a\n\ngo 1.24.6\n\nreplace b => c v1.2.3\nreplace d => ../d\n";
    expect(readGoModule(text, "v1.0.0")).toEqual({ go: "1.24.6", replaces: ["b => c v1.2.3"] });
  });
});

test("parts have names of their own, and are missing unless they are found", () => {
  const names = parts.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(missingParts(() => "/somewhere")).toEqual([]);
  expect(
    missingParts((name) => (name === "etcd" ? undefined : "/somewhere")).map(({ name }) => name),
  ).toEqual(["etcd"]);
});

test("the lab's directory: LAB_HOME, else the user's cache", () => {
  expect(labHome({ LAB_HOME: "/lab", XDG_CACHE_HOME: "/cache" })).toBe("/lab");
  expect(labHome({ LAB_HOME: "", XDG_CACHE_HOME: "/cache" })).toBe("/cache/mesh-tracing-lab");
  expect(labHome({})).toMatch(/\/\.cache\/mesh-tracing-lab$/);
});
