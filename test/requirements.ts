/** A security promise: SECURITY.md tells people, tests cite the id in their titles, and the contract test compares. */
export interface Requirement {
  readonly id: string;
  /** Where the promise comes from. */
  readonly source: string;
  readonly promise: string;
}

/** Every promise that this version keeps. An id that no test cites fails the build. */
export const requirements: readonly Requirement[] = [
  {
    id: 'SEC-01',
    source: 'guide: TLS Configuration',
    promise:
      "The gateway's certificate is verified by default; what fails is refused before anything is sent.",
  },
  {
    id: 'SEC-02',
    source: 'guide: Enforce Strong TLS',
    promise: 'TLS 1.3 is the floor unless min_version says 1.2.',
  },
  {
    id: 'SEC-03',
    source: 'guide: TLS Configuration',
    promise: 'Switching verification off shows as degraded for as long as it is off.',
  },
  {
    id: 'SEC-04',
    source: 'design 6',
    promise:
      'A credential source that is there but cannot be used ends the search; nothing is sent without it.',
  },
  {
    id: 'SEC-05',
    source: 'guide: Log Sanitization',
    promise: 'A token never appears on stdout, in a log line, in an event or in the status.',
  },
  {
    id: 'SEC-06',
    source: 'guide: Token Management',
    promise: 'A secret inside the configuration file is refused, and its value is never repeated.',
  },
  {
    id: 'SEC-07',
    source: 'guide: Secure File Storage',
    promise: 'A token file that others could read or change is refused, with the command that mends it.',
  },
  {
    id: 'SEC-08',
    source: 'design 6',
    promise:
      'The keychain fails closed: absent, locked and unavailable are told apart, and nothing falls back to disk.',
  },
  {
    id: 'SEC-09',
    source: 'design 6',
    promise: 'The token travels from the window to the keychain only; no channel reads it back.',
  },
  {
    id: 'SEC-10',
    source: 'design 3',
    promise: 'Every request gets exactly one reply and is sent at most once, whatever dies and whenever.',
  },
  {
    id: 'SEC-11',
    source: 'guide: Resource Limits',
    promise:
      'Lines, messages, queues, sessions and requests in flight are bounded, and a limit says which one it is.',
  },
  {
    id: 'SEC-12',
    source: 'design 3',
    promise: 'An ambiguous message is refused, so that guard and server never see two different ones.',
  },
  {
    id: 'SEC-13',
    source: 'anchors 5.10',
    promise: 'Only our own page may call the application, and only with payloads of the declared shape.',
  },
  {
    id: 'SEC-14',
    source: "Electron's security checklist",
    promise:
      'The window is sandboxed and isolated, has no Node, no network, no navigation and no permissions.',
  },
  {
    id: 'SEC-15',
    source: 'guide: Network Security',
    promise: 'An unencrypted connection to another machine is refused unless allow_insecure is set.',
  },
  {
    id: 'SEC-16',
    source: 'guide: Configuration File Permissions',
    promise: 'A configuration file that others could change is refused.',
  },
  {
    id: 'SEC-17',
    source: 'design 6',
    promise: 'No setting is ignored in silence: an unknown or not yet available key is an error.',
  },
  {
    id: 'SEC-18',
    source: 'design 3',
    promise: 'The local socket can be reached by its own user only.',
  },
  {
    id: 'SEC-19',
    source: "Electron's security checklist",
    promise: 'The packed app cannot be run as Node or inspected, and refuses debugging switches.',
  },
  {
    id: 'SEC-30',
    source: 'gateway-protocol 2.1',
    promise:
      'On TCP a frame above the limit, or what is no frame, ends the connection before memory is spent.',
  },
  {
    id: 'SEC-31',
    source: 'gateway-protocol 2.5',
    promise: 'On TCP the token goes only where token_in says; a refused sign-in is final.',
  },
  {
    id: 'SEC-32',
    source: 'gateway-protocol 2.5',
    promise: 'On TCP no token is sent before the version is agreed, unless negotiate says otherwise.',
  },
  {
    id: 'SEC-33',
    source: 'guide: TLS Configuration',
    promise: 'On TCP the TLS rules are those of WebSocket; what fails is refused before a byte is sent.',
  },
  {
    id: 'SEC-20',
    source: 'guide: Enforce Strong TLS',
    promise:
      'Only suites of cipher_suites are used; when the gateway picks another, the connection ends before anything is sent.',
  },
  {
    id: 'SEC-21',
    source: 'guide: Certificate Pinning',
    promise:
      'With pins, a chain without a pinned key is refused, and shown; a renewed certificate with the same key passes.',
  },
  {
    id: 'SEC-22',
    source: 'guide: mTLS Configuration',
    promise:
      'A client certificate that does not belong to its key, or is not valid today, is never used; its key is kept as safe as a token.',
  },
  {
    id: 'SEC-23',
    source: 'guide: mTLS Configuration',
    promise:
      'The end of the client certificate in use is told 30, 7 and 1 days before, and shows as degraded.',
  },
  {
    id: 'SEC-24',
    source: 'guide: Regulatory Compliance',
    promise: 'With fips_mode nothing connects unless the cryptography of the program is in FIPS mode.',
  },
  {
    id: 'SEC-25',
    source: 'design 6',
    promise:
      'token_command runs without a shell and within its time limit, and what it prints is shown nowhere.',
  },
  {
    id: 'SEC-26',
    source: 'guide: Environment Variable Security',
    promise:
      "A variable that names one of systemd's credentials gives what is in it; the path is never sent as a token.",
  },
  {
    id: 'SEC-27',
    source: 'guide: Data Protection',
    promise:
      'With token_storage memory a token entered in the window is held in memory only, and written nowhere.',
  },
  {
    id: 'SEC-35',
    source: 'MCP: security best practices',
    promise: 'The credential follows no redirect, and goes to no other origin than that of gateway.url.',
  },
  {
    id: 'SEC-80',
    source: 'issue 5',
    promise:
      "In a client's file our entry is all that changes: comments, order and format stay, or nothing is written.",
  },
  {
    id: 'SEC-81',
    source: 'issue 5',
    promise:
      "A client's file is written only as previewed; changed since, broken, too large, unsafe or in use, it is left alone.",
  },
  {
    id: 'SEC-82',
    source: 'issue 5',
    promise:
      'What we write for a client holds no token and no variable; no preview or record shows what others wrote there.',
  },
  {
    id: 'SEC-83',
    source: 'issue 5',
    promise:
      "A change to a client's file can be undone byte for byte; an entry that is not ours is never replaced unasked.",
  },
];
