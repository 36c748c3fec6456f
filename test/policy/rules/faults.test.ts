import { describe, expect, it } from "vitest";
import { allRules, checkAll } from "../../../policy/check";
import { faults } from "./faults";
import { Mesh, options } from "./fixture";

describe("the fault table", () => {
  it("has at least 40 faults, and one for every rule", () => {
    expect(faults.length).toBeGreaterThanOrEqual(40);
    expect([...new Set(faults.map(({ rule }) => rule))].sort()).toEqual(
      allRules.map(({ name }) => name).sort(),
    );
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
  });

  it.each(faults)(
    "$name: found by $rule alone",
    ({ breaks, rule, object, level = "error", options: more }) => {
      const mesh = new Mesh();
      breaks(mesh);
      const findings = checkAll(mesh.objects, { ...options, ...more });
      const found = findings.map((finding) => ({
        rule: finding.rule,
        object: `${finding.kind} ${finding.namespace}/${finding.name}`,
        level: finding.level,
      }));
      expect(found).toEqual([{ rule, object, level }]);
      // Every message says whose fault it is, what was found and what is allowed, and never what nobody can read.
      const [{ message, fix } = { message: "", fix: "" }] = findings;
      expect(message.startsWith(`${object} `)).toBe(true);
      expect(message).toMatch(/(; .*(required|allowed)|must )/);
      expect(`${message}\n${fix}`).not.toMatch(/undefined|null|NaN|\[object|\(\)/);
    },
  );
});
