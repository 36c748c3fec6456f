/** What the pages tell to type into a shell: commands and options that Pulumi's command line has. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { commands, pages } from "../docs/markdown";
import { missing } from "./realEngine";

const absent = missing(["pulumi"]);
if (absent.length > 0) console.warn("skipped: the pages' commands are checked where pulumi is on PATH");

/** Words of a command before its options and parameters: `policy validate-config`. */
function split(line: string): { command: string[]; options: string[] } {
  const words = line.split(" ").slice(1);
  const end = words.findIndex((word) => !/^[a-z]+(-[a-z]+)*$/.test(word));
  const command = words.slice(0, end === -1 ? undefined : end);
  return {
    command,
    options: words.filter((word) => word.startsWith("--")).map((word) => word.split("=")[0]!),
  };
}

test.skipIf(absent.length > 0)("commands and options exist", { timeout: 60_000 }, () => {
  const lines = [...new Set(pages.flatMap(commands))].filter((line) => /^pulumi [a-z]/.test(line));
  expect(lines.length).toBeGreaterThan(15);
  const helps = new Map<string, string>();
  const unknown = lines.filter((line) => {
    const { command, options } = split(line);
    // Parameters look like commands: the help of the longest command that exists is the line's.
    for (let parameters = 0; command.length > 0; parameters++) {
      const key = command.join(" ");
      if (!helps.has(key)) helps.set(key, helpOf(command));
      const help = helps.get(key)!;
      const own = new RegExp(`^Usage:\\n {2}pulumi ${key}( |$)`, "m");
      if (own.test(help) || aliased(help, command.at(-1)!))
        // What only groups commands takes no parameters: the word was to be a command.
        return (
          (parameters > 0 && help.includes("Available Commands:")) ||
          options.some((option) => !new RegExp(`(^|\\s)${option}(\\s|$)`, "m").test(help))
        );
      command.pop();
    }
    return true;
  });
  expect(unknown).toEqual([]);
});

function helpOf(command: readonly string[]): string {
  return execFileSync("pulumi", [...command, "--help"], {
    encoding: "utf8",
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdio: ["ignore", "pipe", "ignore"],
  });
}

function aliased(help: string, name: string): boolean {
  return (/^Aliases:\n {2}(.+)$/m.exec(help)?.[1]?.split(", ") ?? []).includes(name);
}
