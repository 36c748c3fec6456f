/** How every command reads its arguments: help that fits, mistakes that are recognized, exit code 2. */
import { Command, Option } from "commander";
import { InputError } from "../input/inputError";
import { exitCodes, writeNow } from "./command";

/** Columns of help where nobody says how wide the terminal is. */
const usualWidth = 80;

/** npm 11 takes an option that begins like one of its own for that one. */
const takenByNpm: Readonly<Record<string, string>> = { head: "heading" };

/** A command without its options; those of its subcommands follow it in all that is set here. */
export function commandCalled(name: string, description: string): Command {
  return (
    new Command(name)
      .description(description)
      .configureOutput({
        writeOut: writeNow,
        getOutHelpWidth: () => widthOf(process.stdout),
        getErrHelpWidth: () => widthOf(process.stderr),
      })
      // Options with long names leave less than the usual width for what they do.
      .configureHelp({ minWidthToWrap: 20 })
      .showHelpAfterError("(--help lists what there is)")
      .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput))
  );
}

/** Of every command that renders stacks; its value is a HelmMode. */
export function helmOption(): Option {
  return new Option(
    "--helm <when>",
    "template charts with the helm on PATH: if possible, or fail, or not at all",
  )
    .choices(["auto", "always", "never"])
    .default("auto");
}

/** A terminal may not know its width, or say 0. */
function widthOf({ columns }: { columns?: number }): number {
  return columns !== undefined && columns > 0 ? columns : usualWidth;
}

/**
 * Refuses options that npm has kept for itself because they stand before `--`: the command would run without them.
 * @throws InputError naming them
 */
export function assertNothingKept(command: Command, environment: NodeJS.ProcessEnv = process.env): void {
  const { npm_lifecycle_event: script, npm_command: npm } = environment;
  if (script === undefined || npm === undefined) return;
  const options = [command, ...command.commands].flatMap((one) => one.options);
  const kept = [...new Set(options.map((option) => option.name()))].filter((name) =>
    [name, takenByNpm[name] ?? name].some((key) => {
      const value = environment[`npm_config_${key.replaceAll("-", "_")}`];
      return value !== undefined && value !== "";
    }),
  );
  if (kept.length === 0) return;
  const names = kept.map((name) => `--${name}`).join(" and ");
  throw new InputError(
    `npm kept ${names} for itself\n  fix: put -- before the options: npm run ${script} -- --${kept[0]} …`,
  );
}
