import { AUDITED, meaning, OUR_LIMIT, RETRYABLE } from './error-meaning';

/** The part of the table of errors that is about being attached to a router. */
export const attachErrors = {
  'router-lost': meaning(
    [-32000, 502],
    'MCP Router went away before the reply came. The request may have been carried out.',
    'Check the result before sending it again.',
  ),
  'router-away': meaning(
    [-32000, 503],
    'MCP Router is not running, or cannot be attached to. The request was not sent.',
    'Start MCP Router; clients that are open attach again by themselves.',
    RETRYABLE,
  ),
  'client-disconnected': meaning(
    [-32000, 403],
    'This client was disconnected in MCP Router. What was under way may have been carried out.',
    'Start it again in the program that it belongs to.',
    AUDITED,
  ),
  'client-blocked': meaning(
    [-32000, 403],
    'This client is blocked in MCP Router.',
    'Unblock it in the window under Overview, or take its name out of local.blocked_clients.',
    { ...AUDITED, ...OUR_LIMIT },
  ),
  'client-revoked': meaning(
    [-32000, 403],
    'The token of this client was revoked. What was under way may have been carried out.',
    'Give it a new token with "mcp-router clients token add NAME".',
    AUDITED,
  ),
} as const;
