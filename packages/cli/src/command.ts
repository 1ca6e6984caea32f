// Decides the one shape of a command: its definition as data, and how it is run under the common options.

import { type Argument, Command, type CommanderError, type Option } from "commander";
import { type CommonOptions, Context } from "./context.ts";
import { EXIT, type ExitCode, exitCodeOfError } from "./exit-code.ts";
import { Interruption } from "./interruption.ts";
import { toPlainError, UsageError } from "./plain-error.ts";

/** `Input` holds the arguments and options of the command by name. */
export interface CommandDefinition<Input> {
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly arguments?: readonly Argument[];
  readonly options?: readonly Option[];
  /** What to type after `steward`, and what it does. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** True for a command that Ctrl-C ends as it should end. */
  readonly endsByInterrupt?: boolean;
  readonly run: (context: Context, input: Input, command: Command) => Promise<ExitCode>;
}

/** Parses and runs; sets the process's exit code and never throws. */
export function defineCommand<Input extends object>(definition: CommandDefinition<Input>): Command {
  const command = withHouseRules(new Command(definition.name))
    .summary(definition.summary)
    .description(definition.description ?? definition.summary)
    .addHelpText("after", `\nExamples:\n${toExamples(definition.examples)}`);
  for (const argument of definition.arguments ?? []) command.addArgument(argument);
  for (const option of definition.options ?? []) command.addOption(option);
  return command.action(async () => {
    const named = Object.fromEntries(
      command.registeredArguments.map((argument, index) => [argument.name(), command.processedArgs[index]]),
    );
    const input = { ...named, ...command.opts() } as Input; // the definition declares both
    process.exitCode = await execute(definition, command, input);
  });
}

/** One line per error, suggestions, exit by exception, common options in every help. */
export function withHouseRules(command: Command): Command {
  return command
    .showSuggestionAfterError(true)
    .allowExcessArguments(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => {} })
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : toUsageError(error, command);
    });
}

async function execute<Input>(
  definition: CommandDefinition<Input>,
  command: Command,
  input: Input,
): Promise<ExitCode> {
  const context = new Context(command.optsWithGlobals<CommonOptions>(), new Interruption());
  const { output } = context;
  let code: ExitCode;
  try {
    const ended = definition.run(context, input, command);
    if (definition.endsByInterrupt === true) code = await ended;
    else code = await Promise.race([ended, interrupted(context)]);
  } catch (error) {
    const plain = toPlainError(error);
    output.error(plain, error);
    code = exitCodeOfError(plain.name);
  }
  try {
    await context.close();
  } catch (error) {
    output.error(toPlainError(error), error, true);
    code = code === EXIT.done ? EXIT.failed : code;
  }
  return code;
}

async function interrupted(context: Context): Promise<ExitCode> {
  const { output } = context;
  const cause = await context.interrupted;
  if (cause === "signal") {
    output.error({ name: "Interrupted", message: context.describeInterruption() });
    output.progress("ending in good order: what is in hand is finished; Ctrl-C again ends at once");
  }
  output.mute();
  return cause === "signal" ? EXIT.interrupted : EXIT.done;
}

/** Repeats nothing that may be a record identifier: extra arguments, and what begins with a dash but is no flag. */
function toUsageError(error: CommanderError, command: Command): UsageError {
  const name = pathOf(command);
  const help = `see \`${name} --help\``;
  if (error.code === "commander.help") return new UsageError(`name a command; ${help}`);
  if (error.code === "commander.excessArguments") return new UsageError(`too many arguments; ${help}`);
  if (error.code === "commander.unknownOption" && !/'(-[a-z]|--[a-z][a-z-]*)'/i.test(error.message)) {
    return new UsageError(`unknown option (an identifier that begins with a dash goes after --); ${help}`);
  }
  const text = error.message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ");
  return new UsageError(`${text.replace(/\.$/, "").replace("(Did you", "(did you")}; ${help}`, {
    cause: error,
  });
}

/** As a person types it: `steward certificate verify`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function toExamples(examples: CommandDefinition<unknown>["examples"]): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  return examples.map(([line, meaning]) => `  steward ${line.padEnd(width)}  # ${meaning}`).join("\n");
}
