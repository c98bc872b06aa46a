import { EXIT_USAGE, type CommandIo } from './command-io';

/** What every command can be asked besides its work, or what is asked instead when it cannot be understood. */
export type UsageRequest = { readonly kind: 'help' } | { readonly kind: 'mistake'; readonly message: string };

/** The arguments cannot be understood; `message` says why. */
export const mistake = (message: string): UsageRequest => ({ kind: 'mistake', message });

/**
 * What the arguments ask for.
 *
 * @param parse calls `parseArgs`, whose error is told
 * @param meaning of arguments that ask for no help
 */
export function requestOf<
  Parsed extends { readonly values: { readonly help?: boolean | undefined } },
  Request,
>(parse: () => Parsed, meaning: (parsed: Parsed) => Request): Request | UsageRequest {
  let parsed;
  try {
    parsed = parse();
  } catch (error) {
    return mistake(error instanceof Error ? error.message : 'the arguments cannot be understood');
  }
  return parsed.values.help === true ? { kind: 'help' } : meaning(parsed);
}

/** True where there is nothing to do but {@link toldUsage}. */
export const isUsageRequest = (request: { readonly kind: string }): request is UsageRequest =>
  request.kind === 'help' || request.kind === 'mistake';

/** Shows how a command is used, after a mistake on stderr; returns the exit code. */
export function toldUsage(request: UsageRequest, command: string, usage: string, io: CommandIo): number {
  if (request.kind === 'help') {
    io.stdout.write(usage);
    return 0;
  }
  io.stderr.write(`mcp-router ${command}: ${request.message}\n\n${usage}`);
  return EXIT_USAGE;
}
