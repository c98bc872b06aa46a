import { meaning } from './error-meaning';

/** The part of the table of errors that is about single tools of a server. */
export const toolErrors = {
  'tool-unusable': meaning(
    [-32000, 502],
    'The server says wrongly which arguments of this tool go into headers (x-mcp-header). The call was not sent.',
    'Tell who runs the server; its other tools can be used.',
  ),
} as const;

/** The part that is about the app itself. */
export const appErrors = {
  'preference-not-kept': meaning(
    [-32603, 500],
    'The choice cannot be kept.',
    'Put right what the message says, and choose again.',
  ),
} as const;
