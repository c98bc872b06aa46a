import type { GatewayConfig } from '../../../shared/model/config';
import { assertNever, RouterError } from '../../../shared/model/errors';
import type { CommandOutcome, Commands } from '../ports';

/** As much as a token file may hold. */
const MAX_OUTPUT_BYTES = 64 * 1024;

/**
 * Runs `token_command` and takes what it prints as the token. Neither its output nor its stderr is shown anywhere.
 *
 * @returns null when no command is named
 * @throws RouterError credential-missing, credential-command-failed
 */
export async function commandToken(
  auth: GatewayConfig['auth'],
  commands: Commands,
): Promise<{ readonly value: string; readonly program: string } | null> {
  const { token_command: argv, token_command_timeout_ms: timeoutMs } = auth;
  const program = argv?.[0];
  if (argv === undefined || program === undefined) return null;
  const outcome = await commands.run(argv, { timeoutMs, maxOutputBytes: MAX_OUTPUT_BYTES });
  if (outcome.kind !== 'done') {
    const isFinal = outcome.kind === 'not-startable';
    throw new RouterError(
      isFinal ? 'credential-missing' : 'credential-command-failed',
      `${program}: ${commandProblem(outcome, timeoutMs)}`,
    );
  }
  const value = outcome.output.trim();
  if (value === '') throw new RouterError('credential-command-failed', `${program}: it printed nothing`);
  return { value, program };
}

function commandProblem(outcome: Exclude<CommandOutcome, { kind: 'done' }>, timeoutMs: number): string {
  switch (outcome.kind) {
    case 'not-startable':
      return `it cannot be started: ${outcome.reason}`;
    case 'failed':
      return `exit code ${String(outcome.exitCode)}`;
    case 'killed':
      return `it was ended by ${outcome.signal}`;
    case 'timed-out':
      return `no answer within ${String(timeoutMs)} ms`;
    case 'too-much-output':
      return 'it printed more than a token';
    default:
      return assertNever(outcome);
  }
}
