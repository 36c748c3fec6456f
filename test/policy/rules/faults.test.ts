import { describe, expect, it } from "vitest";
import { allRules, checkAll } from "../../../policy/check";
import { faults } from "./faults";
import { Mesh, options } from "./fixture";
import { applications } from "./messages/applications";
import { collectors } from "./messages/collectors";
import { important } from "./messages/important";
import { jaegers } from "./messages/jaegers";
import { type Messages } from "./messages/message";
import { meshes } from "./messages/meshes";
import { outside } from "./messages/outside";
import { paths } from "./messages/paths";

/** What findings say, word for word. */
const messages: Messages = {
  ...important,
  ...paths,
  ...collectors,
  ...meshes,
  ...applications,
  ...jaegers,
  ...outside,
};

describe("the fault table", () => {
  it("has a fault for every message", () => {
    const names = faults.map(({ name }) => name);
    expect(Object.keys(messages).filter((name) => !names.includes(name))).toEqual([]);
  });

  it("has at least 40 faults, and one for every rule", () => {
    expect(faults.length).toBeGreaterThanOrEqual(40);
    expect([...new Set(faults.map(({ rule }) => rule))].sort()).toEqual(
      allRules.map(({ name }) => name).sort(),
    );
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
  });

  it.each(faults)(
    "$name: found by $rule alone",
    ({ name, breaks, rule, object, level = "error", options: more }) => {
      const mesh = new Mesh();
      breaks(mesh);
      const findings = checkAll(mesh.objects, { ...options, ...more });
      const found = findings.map((finding) => ({
        rule: finding.rule,
        object: `${finding.kind} ${finding.namespace}/${finding.name}`,
        level: finding.level,
        message: finding.message,
        fix: finding.fix,
      }));
      const words = messages[name] ?? findings[0];
      expect(found).toEqual([{ rule, object, level, message: words?.message, fix: words?.fix }]);
      // Every message says whose fault it is, what was found and what is allowed, and never what nobody can read.
      const [{ message, fix } = { message: "", fix: "" }] = findings;
      expect(message.startsWith(`${object} `)).toBe(true);
      expect(message).toMatch(/(; .*(required|allowed)|must )/);
      expect(`${message}\n${fix}`).not.toMatch(/undefined|null|NaN|\[object|\(\)/);
    },
  );
});
