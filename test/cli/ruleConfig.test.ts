import { expect, test } from "vitest";
import { InputError } from "../../input/inputError";
import { readRuleConfig } from "../../cli/ruleConfig";
import { allRules } from "../../policy/rules";
import { directoryOf } from "../fixtures/files";

function read(text: string, name = "rules.yaml"): unknown {
  const directory = directoryOf({ [name]: text });
  try {
    return readRuleConfig(`${directory}/${name}`);
  } catch (error) {
    if (error instanceof InputError) return error.message.replaceAll(`${directory}/`, "");
    throw error;
  }
}

const number = allRules
  .flatMap(({ name, configSchema }) =>
    Object.entries(configSchema.properties).map(([limit, schema]) => ({ name, limit, ...schema })),
  )
  .find(({ type }) => type === "number");

test("levels and limits, as YAML and JSON", () => {
  expect(read("trace-path-open: warning\njaeger-hardened: {level: 'off'}\n")).toEqual({
    "trace-path-open": "warning",
    "jaeger-hardened": { level: "off" },
  });
  expect(read('{"trace-path-open": "info"}', "rules.json")).toEqual({ "trace-path-open": "info" });
  expect(read("")).toEqual({});
});

test.each([
  ["trace-path-opem: error", "there is no rule trace-path-opem; did you mean trace-path-open?"],
  ["trace-path-open: fatal", 'trace-path-open: "fatal" is not one of error, warning, info, off'],
  [
    "trace-path-open: 3",
    "trace-path-open: must be a level (error, warning, info, off) or a map of level and limits",
  ],
  ["trace-path-open: {level: 1}", "trace-path-open.level: 1 is not one of error, warning, info, off"],
  ["trace-path-open: {levle: error}", "trace-path-open.levle: there is no such limit; did you mean level?"],
])("%s", (text, mistake) => {
  expect(read(text)).toBe(`rules.yaml has mistakes\n  ${mistake}`);
});

test("limits have a type and a range", () => {
  expect(number).toBeDefined();
  const { name, limit, minimum } = number ?? { name: "", limit: "", minimum: 0 };
  const path = `${name}.${limit}`;
  expect(read(`${name}: {${limit}: many}`)).toBe(
    `rules.yaml has mistakes\n  ${path}: "many" is not a number`,
  );
  expect(minimum).toBeDefined();
  expect(read(`${name}: {${limit}: ${(minimum ?? 0) - 1}}`)).toBe(
    `rules.yaml has mistakes\n  ${path}: ${(minimum ?? 0) - 1} is below ${minimum}`,
  );
});

test("all mistakes at once; no map; broken", () => {
  expect(read("a: error\nb: error")).toMatch(
    /^rules\.yaml has mistakes\n {2}there is no rule a; .*\n {2}there is no rule b; /,
  );
  expect(read("- trace-path-open")).toBe("rules.yaml: must be a map of rules to levels");
  expect(read("a: 1\nb: [\n")).toMatch(/^rules\.yaml:3: ./);
});

test("a pipe or a device is not read to its end", () => {
  expect(() => readRuleConfig("/dev/zero")).toThrow(
    new InputError("/dev/zero is a device\n  fix: name a regular file"),
  );
});
