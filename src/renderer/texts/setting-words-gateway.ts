import type { SettingWords } from './setting-words';

/** What the keys of `gateway` mean. */
export const gatewaySettingWords: Readonly<Record<string, SettingWords>> = {
  'gateway.url': ['Address', 'wss:// or tcps:// for a gateway, https:// for an MCP server.'],
  'gateway.transport': ['Transport', 'How messages travel; auto goes by the scheme of the address.'],
  'gateway.allow_insecure': [
    'Allow plain connections',
    'Lets an address of another machine be without encryption. Not safe.',
  ],
  'gateway.default_namespace': [
    'Default namespace',
    'The namespace at the gateway for methods that have none of their own.',
  ],
  'gateway.max_message_bytes': [
    'Largest message',
    'In either direction; without a value 1 MiB on WebSocket and 10 MiB otherwise.',
  ],
  'gateway.tcp.dialect': ['TCP: dialect', 'Which form of the binary protocol the gateway speaks.'],
  'gateway.tcp.negotiate': ['TCP: version', 'Whether the other side has to agree to a version first.'],
  'gateway.tcp.token_in': [
    'TCP: credential',
    'Where the credential travels; without a value the dialect decides.',
  ],
  'gateway.tcp.notifications': [
    'TCP: notifications',
    'Whether notifications of clients are sent; without a value the sign-in decides.',
  ],
  'gateway.auth.type': [
    'How to sign in',
    'With a token, with OAuth 2, with a client certificate, or not at all.',
  ],
  'gateway.auth.token_env': [
    'Token in a variable',
    'The name of the environment variable that holds the token.',
  ],
  'gateway.auth.token_file': ['Token in a file', 'The file that holds the token; only you may read it.'],
  'gateway.auth.token_secure_key': [
    'Token in the keychain',
    'The name of the keychain entry that holds the token.',
  ],
  'gateway.auth.token_storage': [
    'Where the token is kept',
    'In the keychain, or in memory until the router ends.',
  ],
  'gateway.auth.token_command': [
    'Token from a program',
    'A program that prints the token, with its arguments.',
  ],
  'gateway.auth.token_command_timeout_ms': [
    'Time for the program',
    'The program that prints the token is ended after this long.',
  ],
  'gateway.auth.client_cert': ['Client certificate', 'PEM file with the client certificate and its chain.'],
  'gateway.auth.client_key': ['Key of the certificate', 'PEM file with the key; only you may read it.'],
  'gateway.auth.client_pkcs12': [
    'PKCS#12 file',
    'Client certificate and key in one file, in place of the two PEM files.',
  ],
  'gateway.auth.passphrase_secure_key': [
    'Passphrase in the keychain',
    'The keychain entry with the passphrase of the key or PKCS#12 file.',
  ],
  'gateway.auth.passphrase_env': [
    'Passphrase in a variable',
    'The variable with the passphrase of the key or PKCS#12 file.',
  ],
  'gateway.auth.passphrase_file': [
    'Passphrase in a file',
    'The file with the passphrase of the key or PKCS#12 file.',
  ],
  'gateway.auth.per_message_auth': [
    'Token in each message',
    'Puts the token into each message as well, as the gateway expects it.',
  ],
  'gateway.auth.client_id': ['Client id', 'The name of this router at the identity provider.'],
  'gateway.auth.client_secret_env': [
    'Client secret in a variable',
    'The variable that holds the client secret.',
  ],
  'gateway.auth.client_secret_file': ['Client secret in a file', 'The file that holds the client secret.'],
  'gateway.auth.client_secret_secure_key': [
    'Client secret in the keychain',
    'The keychain entry that holds the client secret.',
  ],
  'gateway.auth.token_endpoint': ['Token endpoint', 'Where the identity provider gives out tokens.'],
  'gateway.auth.scopes': ['Scopes', 'What the token may be used for; ask for the least that is needed.'],
  'gateway.auth.scope': [
    'Scopes in one text',
    'The same as one text with spaces, as the Go router writes it.',
  ],
  'gateway.auth.grant_type': ['Grant', 'How the identity provider is asked for a token.'],
  'gateway.auth.username': ['User name', 'Who signs in with the grant "password".'],
  'gateway.auth.password_env': ['Password in a variable', 'The variable with the password of that user.'],
  'gateway.auth.password_file': ['Password in a file', 'The file with the password of that user.'],
  'gateway.auth.password_secure_key': [
    'Password in the keychain',
    'The keychain entry with the password of that user.',
  ],
  'gateway.auth.refresh_token_env': [
    'Refresh token in a variable',
    'The variable that holds the refresh token.',
  ],
  'gateway.auth.refresh_token_file': ['Refresh token in a file', 'The file that holds the refresh token.'],
  'gateway.auth.refresh_token_secure_key': [
    'Refresh token in the keychain',
    'The keychain entry that holds the refresh token.',
  ],
  'gateway.auth.client_auth': [
    'Where the client secret goes',
    'In the header (basic) or in the body (post).',
  ],
  'gateway.auth.issuer': [
    'Issuer',
    'The identity provider’s own name; without a value the host of the endpoint.',
  ],
  'gateway.auth.audience': ['Audience', 'Whom the token is for, as Auth0 and others want it.'],
  'gateway.auth.resource': ['Resource', 'Whom the token is for, as RFC 8707 says.'],
  'gateway.auth.token_timeout_ms': [
    'Time for the provider',
    'How long one answer of the identity provider is waited for.',
  ],
  'gateway.auth.tls.verify': [
    'Provider: verify',
    'Checks the certificate of the identity provider. Leave it on.',
  ],
  'gateway.auth.tls.ca_cert_path': [
    'Provider: authority',
    'PEM file whose certificates replace the system’s roots for the provider.',
  ],
  'gateway.auth.tls.server_name': [
    'Provider: server name',
    'The name to look for in the provider’s certificate.',
  ],
  'gateway.auth.tls.min_version': ['Provider: least TLS version', 'An older version is refused.'],
  'gateway.tls.verify': [
    'Verify the certificate',
    'Checks that the gateway is who it says it is. Leave it on.',
  ],
  'gateway.tls.ca_cert_path': ['Authority', 'PEM file whose certificates replace the system’s roots.'],
  'gateway.tls.server_name': [
    'Server name',
    'The name to look for in the certificate, in place of the address.',
  ],
  'gateway.tls.min_version': ['Least TLS version', 'An older version is refused.'],
  'gateway.tls.cipher_suites': [
    'Cipher suites',
    'What may be agreed upon; nothing else is offered or accepted.',
  ],
  'gateway.tls.pins': [
    'Pinned keys',
    'One public key in the chain must be one of these; none means not pinned.',
  ],
  'gateway.connection.timeout_ms': [
    'Time to connect',
    'Limit for looking the name up, connecting and encrypting together.',
  ],
  'gateway.connection.keepalive_interval_ms': [
    'Ask if it is there',
    'How often the gateway is asked whether it is still there.',
  ],
  'gateway.connection.pong_timeout_ms': [
    'Time for its answer',
    'A connection on which nothing arrives for this long after that is dead.',
  ],
  'gateway.connection.max_http_connections': [
    'HTTP connections',
    'So many connections at once for each client, over HTTP.',
  ],
  'gateway.connection.reconnect.initial_delay_ms': [
    'First wait',
    'How long is waited before the first new try.',
  ],
  'gateway.connection.reconnect.max_delay_ms': ['Longest wait', 'Waits grow up to this.'],
  'gateway.connection.reconnect.multiplier': ['Waits grow by', 'Each wait is so many times the one before.'],
  'gateway.connection.reconnect.max_attempts': [
    'Tries',
    'After so many tries it is given up; -1 tries for ever.',
  ],
  'gateway.connection.reconnect.jitter': ['Random part', 'The share of a wait that is random, from 0 to 1.'],
  'gateway.connection.pool.max_connections': [
    'Connections per client',
    'More let a gateway work on several messages of one client at once.',
  ],
  'gateway.connection.pool.idle_timeout_ms': [
    'Idle connections',
    'All but the first are closed after this long without a request.',
  ],
  'gateway.proxy.enabled': ['Use a proxy', 'Off: every connection is direct, whatever the environment says.'],
  'gateway.proxy.url': [
    'Proxy address',
    'http:// or https://, without user name; without a value the environment decides.',
  ],
  'gateway.proxy.username': ['Proxy user', 'The user name at the proxy.'],
  'gateway.proxy.password_secure_key': [
    'Proxy password in the keychain',
    'The keychain entry with the password of the proxy.',
  ],
  'gateway.proxy.password_env': [
    'Proxy password in a variable',
    'The variable with the password of the proxy.',
  ],
  'gateway.proxy.password_file': ['Proxy password in a file', 'The file with the password of the proxy.'],
  'gateway.proxy.ca_cert_path': [
    'Proxy authority',
    'PEM file whose certificates replace the system’s roots for the proxy.',
  ],
  'gateway.proxy.no_proxy': ['Without the proxy', 'Hosts and networks that are reached directly.'],
};
