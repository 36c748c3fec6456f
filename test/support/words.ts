/** Rule and fix of mistakes that many keys can have. */
export const dnsLabel = {
  rule: "a DNS label: lower-case letters, digits and dashes, at most 63",
  fix: "write it like my-name",
};
export const objectName = {
  rule: "a Kubernetes object name: lower-case letters, digits, dashes and dots",
  fix: "write it like my-name",
};
export const portRange = { rule: "a port between 1 and 65535", fix: "choose a port in that range" };
export const cpuQuantity = { rule: "a Kubernetes CPU quantity", fix: "write it like 100m or 1" };
export const positive = { rule: "a positive whole number", fix: "write 1 or more" };
export const exactVersion = {
  rule: "an exact version, because a range would deploy something else tomorrow",
  fix: "write it like 4.11.1",
};
export const chartSource = {
  rule: "where the chart comes from: repository and version, oci and version, or path",
  fix: "write it like { repository: https://example.com/charts, version: 1.2.3 }",
};

const typeNames: Record<string, string> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "a map of keys to values",
  record: "a map of keys to values",
  string: "text",
};

/** A required key that is not there. */
export const required = (type: string) => ({ rule: `required, ${typeNames[type]}`, fix: "set it" });

/** A value of the wrong type. */
export const typed = (type: string, fix = `write ${typeNames[type]}`) => ({
  rule: `must be ${typeNames[type]}`,
  fix,
});

/** A value that is none of the known ones. */
export const oneOf = (values: string, fix = `choose one of ${values}`) => ({
  rule: `must be one of ${values}`,
  fix,
});
