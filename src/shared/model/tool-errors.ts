import { meaning } from './error-meaning';

/** The part of the table of errors that is about single tools. */
export const toolErrors = {
  'tool-unusable': meaning(
    [-32000, 502],
    'The server says wrongly which arguments of this tool go into headers (x-mcp-header). The call was not sent.',
    'Tell who runs the server; its other tools can be used.',
  ),
} as const;
