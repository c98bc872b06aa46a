/** What every client needs to open a session, to keep it and to take back a request: `local.policy` lets it through. */
export const handshakeMethods: ReadonlySet<string> = new Set([
  'initialize',
  'notifications/initialized',
  'notifications/cancelled',
  'ping',
  'server/discover',
]);
