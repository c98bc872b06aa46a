/** The MCP clients of this machine and their configuration files. */
export const clientAppCalls = {} as const;
