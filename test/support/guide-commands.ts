/** Commands of the security guide that look at metrics and log, as they stand there. */
export const guideCommands = {
  authFailures: 'curl -s http://localhost:9091/metrics | grep mcp_router_auth_failures',
  rateLimits: 'curl -s http://localhost:9091/metrics | grep mcp_router_rate_limit_exceeded',
  connectionErrors: 'curl -s http://localhost:9091/metrics | grep mcp_router_connection_errors',
  authInLog: 'grep "auth.*fail" /var/log/mcp/router.log',
  sources: 'ss -tan | grep :9091',
  rateLimitInJournal: 'journalctl -u mcp-router | grep "rate limit"',
} as const;
