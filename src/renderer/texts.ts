/** Everything the window says, in one place, so that it can be translated. */
export const texts = {
  appName: 'MCP Router',
  version: (version: string) => `Version ${version}`,
  demoBadge: 'Demo',
  pages: { overview: 'Overview', activity: 'Activity', connection: 'Connection' },
  pagesLabel: 'Pages',

  loading: 'Asking the router...',
  failedToLoad: {
    title: 'The window cannot reach the router',
    nextStep: 'Try again. If it stays like this, quit MCP Router in the tray and start it again.',
    retry: 'Try again',
  },

  actions: {
    'set-up': 'Set up',
    connect: 'Connect',
    'try-again': 'Try again',
    disconnect: 'Disconnect',
  },
  openConnection: 'Open Connection',

  headline: {
    notSetUp: 'Not set up yet',
    notSetUpText: 'Enter the address of your gateway and a token to begin.',
    brokenText: 'The settings file must be corrected first.',
    disconnectedText: 'Switched off. MCP clients get an error until you connect.',
    connectingText: (host: string) => `Reaching ${host}`,
    attempt: (attempt: number) => `attempt ${attempt}`,
    waiting: (duration: string) => `Next try in ${duration}`,
    waitingNow: 'Trying again now',
    connectedText: (host: string, duration: string) => `${host}, for ${duration}`,
    degradedText: (host: string) => `${host} is connected, but something must be looked at`,
    failedText: 'Not tried again until you choose so or change something.',
    lockedText: 'No traffic passes until the lockdown is lifted.',
    closingText: 'Closing the connection',
  },

  duration: {
    seconds: (count: number) => `${count} s`,
    minutes: (count: number) => `${count} min`,
    hours: (hours: number, minutes: number) => (minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`),
    days: (count: number) => (count === 1 ? '1 day' : `${count} days`),
  },

  facts: {
    title: 'This connection',
    gateway: 'Gateway',
    encryption: 'Encryption',
    certificate: 'Certificate',
    credential: 'Signed in with',
    since: 'Connected since',
    noGateway: 'None yet',
    notProven: 'Known once connected',
    plain: 'None: a plain connection on this machine',
    issuedBy: (issuer: string) => `Issued by ${issuer}`,
    validUntil: (date: string, left: string) => `Valid until ${date}, ${left} left`,
    expired: (date: string) => `Expired on ${date}`,
    unverified: 'Not verified',
    noCredential: 'No token is in use',
  },
  credentialSource: {
    oauth2: (name: string) => `Token from the identity provider, ${name}`,
    keychain: (name: string) => `Token in the keychain, entry "${name}"`,
    memory: () => 'Token in memory, until MCP Router ends',
    environment: (name: string) => `Token in the environment variable ${name}`,
    file: (name: string) => `Token in the file ${name}`,
    command: (name: string) => `Token from the command ${name}`,
    certificate: (name: string) => `Client certificate ${name}`,
  },

  clients: {
    title: 'Attached clients',
    none: 'No client is attached',
    noneText: 'Programs such as Claude Desktop, Cursor or VS Code appear here once they use the router.',
    unnamed: 'A client that has not said its name',
    door: { stdio: 'through mcp-router', socket: 'through the local socket' },
    requests: (count: string) => (count === '1' ? '1 request' : `${count} requests`),
    inFlight: (count: number) => `${count} under way`,
    queued: (count: number) => `${count} waiting`,
    lane: {
      idle: 'Not connected yet',
      connecting: 'Connecting',
      connected: 'Connected',
      waiting: 'Waiting to try again',
      failed: 'Failed',
      closing: 'Closing',
    },
  },

  notices: {
    keychainLocked: {
      title: 'The keychain is locked',
      text: 'Your token is stored there, but the keychain does not hand it out. It is locked, or the entry was removed.',
      nextStep: 'Unlock your keychain and choose Try again, or enter the token again under Connection.',
    },
    keychainUnavailable: {
      title: 'This machine offers no keychain',
      text: 'MCP Router keeps tokens in the keychain only, and never falls back to a plain file.',
      nextStep:
        'Start a keychain service such as GNOME Keyring or KWallet, or name token_env or token_file in the settings file.',
    },
    configRejected: {
      title: 'The settings file has a mistake',
      runningText: 'The last good settings stay in use until it is corrected.',
      text: 'MCP Router cannot start a connection until it is corrected.',
    },
    configWarnings: 'The settings file needs a look',
    line: (line: number) => `Line ${line}`,
    degradedNextStep: {
      'provider-verification-off':
        'Set gateway.auth.tls.verify to true and, for a private authority, gateway.auth.tls.ca_cert_path.',
      'scope-missing': 'Run mcp-router sign-in, or store a refresh token that has the scope.',
      'verification-off':
        'Set gateway.tls.verify to true and, for a private authority, gateway.tls.ca_cert_path.',
      'plain-connection': 'Use an address that begins with wss://, https:// or tcps://.',
      'lane-failing': 'See Activity for the reason. The other clients are not affected.',
      'log-not-writable': 'Check the path and the space behind logging.output.',
      'credential-unusable':
        'Open connections stay as they are. Put the credential right; it is then used by itself.',
      'credential-rolled-back':
        'Get another one from whoever issued it, and rotate again: mcp-router token rotate.',
      'credential-ageing': 'Rotate it: mcp-router token rotate.',
      'files-not-watched': 'Choose Connect after changing the configuration or a credential.',
      'certificate-expiring': 'Put a new certificate where gateway.auth names it.',
      'socket-unavailable':
        'Programs on this machine cannot attach until local.socket.path is free and private.',
    },
    degradedTitle: 'Something needs your attention',
    demo: {
      title: 'This is the built-in demo',
      text: 'The gateway, the server and the client you see all run on this machine. Nothing leaves it.',
      nextStep: 'Enter the address of your own gateway to leave the demo.',
    },
    commandFailed: 'That did not work',
  },

  causes: {
    'gateway-unreachable': {
      title: 'The gateway cannot be reached',
      nextStep: 'Check your network and the address under Connection. The router keeps trying.',
    },
    'auth-failed': {
      title: 'The gateway refused your token',
      nextStep: 'It may have expired or been revoked. Enter a new one under Connection.',
    },
    'credential-missing': {
      title: 'There is no token yet',
      nextStep: 'Enter one under Connection, or name token_env or token_file in the settings file.',
    },
    'gateway-lost': {
      title: 'The connection to the gateway broke',
      nextStep: 'The router connects again by itself.',
    },
  },

  connection: {
    intro: 'Where your requests go, and how the router signs in there.',
    url: 'Gateway address',
    urlHint:
      'wss:// or tcps:// for a gateway, https:// for an MCP server. Unencrypted addresses work on this machine only.',
    urlPlaceholder: 'wss://gateway.example.com/mcp',
    token: 'Token',
    tokenNew: 'Goes straight into the keychain. It is never shown again and never written to a file.',
    tokenKept: 'Leave empty to keep it.',
    tokenKeptPlaceholder: 'Stored',
    tokenElsewhere: 'Change it there; this window replaces only what is in the keychain.',
    tokenSource: {
      keychain: (name: string) => `Stored in the keychain, entry "${name}".`,
      memory: () => 'Kept in memory until MCP Router ends, and written nowhere.',
      environment: (name: string) => `Comes from the environment variable ${name}.`,
      file: (name: string) => `Comes from the file ${name}.`,
      oauth2: (name: string) => `The router asks the identity provider for it, as "${name}".`,
    },
    save: 'Save and connect',
    saving: 'Saving',
    saved: 'Saved.',
    notSaved: 'Not saved',
    showToken: 'Show what I type',
    hideToken: 'Hide what I type',
    file: 'Settings file',
    fileHint: 'Everything else is set in this file. It never holds the token itself.',
    loadFailed: 'The settings cannot be read',
  },

  activity: {
    intro: 'What the router saw since it started. Contents of requests are never recorded here.',
    counters: 'Counters since start',
    counter: {
      authFailures: 'Auth failures',
      rateLimitHits: 'Rate-limit hits',
      connectionErrors: 'Connection errors',
      requests: 'Requests',
    },
    list: 'Events, newest first',
    filter: 'Which events to show',
    all: 'All',
    problems: 'Problems',
    none: 'Nothing has happened yet',
    noneText: 'Connections, sign-ins and refused requests will appear here.',
    noProblems: 'No problems',
    noProblemsText: 'Nothing was refused and nothing failed since the router started.',
    severity: { good: 'Good', info: 'Information', warning: 'Warning', danger: 'Problem' },
  },

  events: {
    keeper: 'The router',
    unnamedClient: 'A client',
    'engine-started': 'The router started',
    'engine-stopped': 'The router stopped',
    'config-applied': 'Settings were applied',
    configWaits: 'Some settings take effect when MCP Router starts again',
    'config-rejected': 'Settings were refused; the last good ones stay in use',
    'listener-opened': 'Programs on this machine can attach now',
    switchedOn: 'Switched on',
    switchedOff: 'Switched off',
    connected: (who: string) => `${who} connected to the gateway`,
    connecting: (who: string) => `${who} is connecting`,
    waiting: (who: string) => `${who} lost the gateway and will try again`,
    failed: (who: string) => `${who} gave up connecting`,
    closed: (who: string) => `${who} disconnected from the gateway`,
    'failed-over': (who: string) => `${who} goes on at another endpoint`,
    way: (from: string, to: string) => `${from} → ${to}`,
    'credential-used': 'Signing in',
    clientExpiring: (days: number) =>
      days === 0 ? 'The client certificate has expired' : `The client certificate expires within ${days} d`,
    gatewayExpiring: (days: number) =>
      days === 0
        ? 'The gateway’s certificate has expired'
        : `The gateway’s certificate expires within ${days} d`,
    'credential-changed': 'The credential was renewed',
    'credential-unusable': 'A changed credential cannot be used',
    'credential-rolled-back': {
      token: 'The new token was refused; the old one is in use again',
      'client-secret': 'The new client secret was refused; the old one is in use again',
      certificate: 'The new client certificate was refused; the old one is in use again',
    },
    'credential-ageing': {
      token: (days: number) => `A token is ${days} d old and should be rotated`,
      'client-secret': (days: number) => `A client secret is ${days} d old and should be rotated`,
      certificate: (days: number) => `A client certificate is ${days} d old and should be rotated`,
    },
    'credential-overlap-ended': 'The old credential of a rotation was deleted',
    'credential-stored': 'A token was stored in the keychain',
    'credential-deleted': 'A token was removed from the keychain',
    'session-opened': 'A client attached',
    'session-named': (who: string) => `${who} introduced itself`,
    'session-closed': (who: string, requests: string) => `${who} left after ${requests}`,
    'handshake-replayed': (who: string) => `${who} was carried over to the new connection`,
    answered: (who: string) => `${who} got an answer`,
    refused: (who: string, reason: string) => `${who} was refused: ${reason}`,
    rateLimited: (who: string) => `${who} hit a limit`,
    policyDenied: (who: string) => `${who} asked for what is not allowed`,
    limit: {
      'local.rate_limit': 'Too many requests per second (local.rate_limit)',
      'local.max_concurrent_requests': 'Too many requests at once (local.max_concurrent_requests)',
    },
    droppedFromClient: (who: string) => `A message of ${who} was dropped`,
    droppedFromGateway: 'A message of the gateway was dropped',
    milliseconds: (count: number) => (count < 1 ? '< 1 ms' : `${Math.round(count)} ms`),
  },
} as const;
