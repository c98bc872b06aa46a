/** The exact error texts of the real gateway (gateway-protocol 1.6). */

const FORWARD = '[router] forward_request: INTERNAL: failed to forward request: ';

export const errorTexts = {
  invalidWireMessage: (decoder: string) => `VALIDATION: invalid wire message: ${decoder}`,
  missingPayload: () => 'VALIDATION: missing MCP payload',
  invalidRequest: (decoder: string) => `VALIDATION: invalid MCP request: ${decoder}`,
  noEndpoints: (namespace: string) =>
    `[router] UNAVAILABLE: no endpoints available for namespace: ${namespace}`,
  noHealthyEndpoints: (namespace: string) =>
    `[router] UNAVAILABLE: no healthy endpoints available for namespace: ${namespace}`,
  breakerOpen: () => `${FORWARD}circuit breaker is open (failing fast)`,
  httpFailed: (cause: string) => `${FORWARD}[router] http_request: INTERNAL: HTTP request failed: ${cause}`,
  backendStatus: (status: number, body: string) => `${FORWARD}backend returned status ${status}: ${body}`,
  /** Not in the real gateway, which has no stdio backends. */
  backendProcess: (cause: string) => `${FORWARD}${cause}`,
} as const;
