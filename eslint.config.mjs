import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/", "rendered/", "coverage/", "**/*.mjs", "**/*.cjs"] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "@pulumi": pulumi },
    rules: {
      "@pulumi/no-output-in-template-literal": "error",
      "@pulumi/no-output-instance-in-template-literal": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "@typescript-eslint/restrict-template-expressions": "off",
      eqeqeq: "error",
    },
  },
  {
    files: ["**/*.ts"],
    ignores: ["test/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "Literal[regex.pattern=/[^\\x00-\\x7F]/]",
          message:
            "Bundles are read as ASCII, in which esbuild writes strings and not patterns: write \\u escapes.",
        },
      ],
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["**/test/*"], message: "Nothing imports from test/: move it beside its user." },
          ],
        },
      ],
    },
  },
  // `index.ts` must export a function as the module itself for Pulumi to call it, and the command imports that.
  { files: ["index.ts", "cli/*.ts"], rules: { "@typescript-eslint/no-require-imports": "off" } },
);
