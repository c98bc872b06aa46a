import { AUDITED, meaning, RETRYABLE } from './error-meaning';

/** The part of the table of errors that is about the proxy on the way to the gateway. */
export const proxyErrors = {
  'proxy-unreachable': meaning(
    [-32000, 503],
    'The proxy cannot be reached. The request was not sent.',
    'Check gateway.proxy or HTTPS_PROXY, and the network.',
    RETRYABLE,
  ),
  'proxy-refused': meaning(
    [-32000, 502],
    'The proxy refused to connect to the gateway.',
    'Ask who runs the proxy to allow the host of gateway.url, or add it to gateway.proxy.no_proxy.',
    AUDITED,
  ),
  'proxy-auth-failed': meaning(
    [-32000, 502],
    'The proxy refused the connection for lack of valid credentials.',
    'Check gateway.proxy.username and its password, or those in HTTPS_PROXY, and connect again.',
    AUDITED,
  ),
  'proxy-tls-failed': meaning(
    [-32000, 502],
    'The encrypted connection to the proxy failed.',
    'If a private authority signed its certificate, set gateway.proxy.ca_cert_path.',
    AUDITED,
  ),
  'proxy-unusable': meaning(
    [-32000, 502],
    'A proxy is named, but its settings cannot be used.',
    'Mend gateway.proxy or the variable, or set gateway.proxy.enabled: false. "mcp-router config check" says more.',
    AUDITED,
  ),
} as const;
