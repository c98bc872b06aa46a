// @ts-check
/** @typedef {import('./compare.mjs').Accepted} Accepted */

/** Scenarios that are not run, and why. @type {readonly { side: 'server' | 'client', scenario: RegExp, reason: string }[]} */
export const notApplicable = [
  {
    side: 'server',
    scenario: /^tasks-/,
    reason: 'the tasks extension: the SDKs of the fixture do not have it',
  },
  {
    side: 'client',
    scenario: /^auth\/client-credentials-jwt$/,
    reason: 'an extension: the router has no signed assertions in place of a client secret',
  },
  {
    side: 'client',
    scenario: /^auth\/enterprise-managed-authorization$/,
    reason: 'an extension: the router exchanges no tokens of a company-wide identity provider',
  },
  {
    side: 'client',
    scenario: /^auth\/dpop/,
    reason: 'an extension: the router binds no token to a key (DPoP)',
  },
  {
    side: 'client',
    scenario: /^auth\/wif-jwt-bearer$/,
    reason: 'an extension: the router presents no workload identity',
  },
];

/**
 * @param {'server' | 'client'} side
 * @param {string} scenario
 */
export const isApplicable = (side, scenario) =>
  !notApplicable.some((entry) => entry.side === side && entry.scenario.test(scenario));

/** What our own front does to a way, and why. @type {readonly { scenario: string, way: string, reason: string }[]} */
export const staged = [
  {
    scenario: 'server-sse-polling',
    way: 'HTTP door, Streamable HTTP',
    reason:
      'the router keeps a stream open until the reply is there, also while the server has it poll; our front breaks the connection behind the first event, so that the suite sees how the door lets a client come back',
  },
];

/** Differences that are no loss. @type {readonly Accepted[]} */
export const accepted = [
  {
    scenario: 'auth/resource-mismatch',
    check: 'authorization-server-metadata (AuthorizationServerMetadata)',
    reason: 'metadata of another server is refused before its authorization server is asked at all',
  },
];
