/** Every YAML fragment about the router's configuration in the security guide, by its heading. */
export const guideFragments: Readonly<Record<string, string>> = {
  'Token Management, never': `
gateway:
  auth:
    type: bearer
    token: "sk-1234567890abcdef"  # EXPOSED!
`,
  'Token Management, option 1': `
gateway:
  auth:
    type: bearer
    token_env: MCP_AUTH_TOKEN
`,
  'Token Management, option 2': `
gateway:
  auth:
    type: bearer
    token_file: ~/.mcp/token
`,
  'OAuth2 Security': `
gateway:
  auth:
    type: oauth2
    client_id: "mcp-client"
    client_secret_env: OAUTH_CLIENT_SECRET  # Never hardcode
    token_endpoint: "https://auth.example.com/token"
    scopes: ["mcp:read", "mcp:write"]  # Minimum required scopes
`,
  'mTLS Configuration': `
gateway:
  auth:
    type: mtls
    client_cert: /etc/mcp/client.crt
    client_key: /etc/mcp/client.key
  tls:
    ca_cert_path: /etc/mcp/ca.crt
    verify: true
    min_version: "1.3"  # Enforce TLS 1.3
`,
  'Enforce Strong TLS': `
gateway:
  tls:
    verify: true  # Always verify certificates
    min_version: "1.3"  # TLS 1.3 minimum
    cipher_suites:  # Restrict to strong ciphers
      - TLS_AES_256_GCM_SHA384
      - TLS_CHACHA20_POLY1305_SHA256
      - TLS_AES_128_GCM_SHA256
`,
  'Certificate Pinning': `
gateway:
  tls:
    ca_cert_path: /etc/mcp/pinned-ca.crt  # Pin specific CA
    # OR for public CA
    server_name: "gateway.example.com"  # Verify hostname
`,
  'Resource Limits': `
# Configuration limits
local:
  max_concurrent_requests: 100  # Limit concurrent requests
  rate_limit:
    requests_per_second: 50.0   # Rate limiting
    burst: 100
`,
  'Log Sanitization': `
logging:
  level: info  # Don't use debug in production
  sanitize: true  # Enable log sanitization
  
advanced:
  debug:
    log_frames: false  # Disable in production
`,
  'Audit Logging': `
logging:
  audit:
    enabled: true
    include_auth: true  # Log auth attempts
    include_requests: false  # Don't log request bodies
    output: /var/log/mcp/audit.log
`,
  'Regulatory Compliance': `
# HIPAA/PCI compliance settings
logging:
  pii_sanitization: true
  exclude_bodies: true
  
advanced:
  compliance:
    fips_mode: true  # Use FIPS-validated crypto
    audit_all: true  # Comprehensive audit trail
`,
};
