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
    id: 'SEC-35',
    source: 'MCP: security best practices',
    promise:
      'The credential follows no redirect, and goes to no other origin than those of the endpoints that it is configured for.',
  },
  {
    id: 'SEC-62',
    source: 'design 4',
    promise:
      'Endpoints come from the configuration alone; each gets its own credential and no other, and the rules about TLS hold for each.',
  },
  {
    id: 'SEC-63',
    source: 'design 4',
    promise:
      'An endpoint that refuses us is asked again by no session until a credential, the configuration or the person has changed something.',
  },
  {
    id: 'SEC-64',
    source: 'guide: Resource Limits',
    promise:
      'A failing endpoint is left alone while there is another one, and a busy one is not taken for a failing one.',
  },
  {
    id: 'SEC-36',
    source: 'design 3',
    promise:
      'Where a proxy is named nothing goes around it: it looks names up, and when it fails or cannot be used, nothing connects.',
  },
  {
    id: 'SEC-37',
    source: 'guide: Network Security',
    promise:
      'The proxy gets its own credential alone, and the gateway never sees that one; TLS inside the tunnel is judged as without a proxy.',
  },
  {
    id: 'SEC-38',
    source: 'guide: Log Sanitization',
    promise:
      'The password of a proxy, wherever it comes from, shows in no report, event, status or log line.',
  },
  {
    id: 'SEC-40',
    source: 'guide: OAuth2 Security',
    promise:
      'Client secrets, passwords and tokens of the identity provider appear in no log line, error, event or argument.',
  },
  {
    id: 'SEC-41',
    source: 'guide: OAuth2 Security',
    promise:
      "The identity provider's certificate is verified by default, with TLS settings of its own, before anything is sent.",
  },
  {
    id: 'SEC-42',
    source: 'design 5',
    promise:
      'One token request serves all sessions, and for refresh tokens all processes; a new refresh token is kept before it is used.',
  },
  {
    id: 'SEC-43',
    source: 'design 4',
    promise: 'A token that the gateway refuses is replaced once, never in a loop.',
  },
  {
    id: 'SEC-44',
    source: 'mcp-notes 1.7',
    promise:
      'Answers of the identity provider are bounded in size and time, are never repeated, and never lead elsewhere.',
  },
  {
    id: 'SEC-45',
    source: 'guide: OAuth2 Security',
    promise: 'A client secret is sent over https, or to this machine; any other token_endpoint is refused.',
  },
  {
    id: 'SEC-46',
    source: 'mcp-notes 1.6',
    promise:
      'An answer of a sign-in counts only with the exact state and issuer of this sign-in, once, on this machine.',
  },
  {
    id: 'SEC-47',
    source: 'mcp-notes 1.6',
    promise:
      'Metadata of servers and identity providers must name exactly what was asked for, and offer PKCE with S256.',
  },
  {
    id: 'SEC-48',
    source: 'mcp-notes 1.7',
    promise:
      'Addresses that another machine names are asked over https only, and never lead from outside into a private network.',
  },
  {
    id: 'SEC-49',
    source: 'issue 4: Rotation and reload',
    promise:
      'A new client certificate is checked and proven by a real connection before it takes the place of the old one.',
  },
  {
    id: 'SEC-50',
    source: 'issue 4: Rotation and reload',
    promise:
      'A new client certificate that is refused within the overlap is replaced by the pair before it, and this is shown.',
  },
  {
    id: 'SEC-51',
    source: 'issue 4: Rotation and reload',
    promise: 'However a rotation of a certificate and its key ends, the two that are used belong together.',
  },
  {
    id: 'SEC-52',
    source: 'issue 4: Rotation and reload',
    promise:
      'A new client secret is proven before it is used, and replaced by the old one if it is refused within the overlap.',
  },
  {
    id: 'SEC-68',
    source: 'guide: Resource Limits',
    promise:
      'Limits on rate and concurrency hold for all clients together, and no client can use up the share of another.',
  },
  {
    id: 'SEC-69',
    source: 'design 3',
    promise: 'What local.policy denies is never sent, however method and tool name are spelled.',
  },
  {
    id: 'SEC-70',
    source: 'MCP: lifecycle, timeouts',
    promise: 'However much progress is reported, a request ends after max_request_duration_ms.',
  },
  {
    id: 'SEC-71',
    source: 'design 3',
    promise: 'A client or a gateway that does not read costs bounded memory, and no other client anything.',
  },
  {
    id: 'SEC-73',
    source: 'guide: Token Rotation',
    promise:
      'A changed configuration, credential file or keychain entry is used by itself; what cannot be used changes nothing and is shown.',
  },
  {
    id: 'SEC-74',
    source: 'guide: Token Rotation',
    promise:
      'token rotate proves a new token by a real connection before it takes the place of the old one; what was not accepted changes nothing.',
  },
  {
    id: 'SEC-75',
    source: 'guide: Token Rotation',
    promise:
      'The old token is kept for the overlap of a rotation only; a new one that is refused meanwhile is replaced by it, and this is shown.',
  },
  {
    id: 'SEC-76',
    source: 'issue 4: Rotation and reload',
    promise:
      'Every setting takes effect at a reload, or is named as waiting for a restart, in the event and by config check.',
  },
  {
    id: 'SEC-65',
    source: 'issue 5: Conformance',
    promise: 'What passes the official conformance suite directly passes it through the router.',
  },
  {
    id: 'SEC-66',
    source: 'issue 2/6',
    promise:
      'Whatever bytes a parser is given, it ends in a declared answer: no crash, no hang, bounded memory.',
  },
  {
    id: 'SEC-67',
    source: 'guide: every fragment',
    promise:
      'Every setting of the guide is accepted, or refused for a reason that is said; every setting that is accepted is heeded.',
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
  {
    id: 'SEC-77',
    source: 'issue 5',
    promise:
      'Before anything is sent to a local socket, it and its folder must belong to this user, and nobody else may have access.',
  },
  {
    id: 'SEC-78',
    source: 'issue 5',
    promise:
      'A program that was given a configuration, credential or setting of its own is never served with those of a running router.',
  },
  {
    id: 'SEC-79',
    source: 'design 3',
    promise:
      'A client whose router goes away gets one error for each request it is owed, and is never served with other credentials in silence.',
  },
  {
    id: 'SEC-90',
    source: 'guide: Security Metrics',
    promise:
      'Metrics go to this machine only, or to who shows the token; another address without one is refused.',
  },
  {
    id: 'SEC-91',
    source: 'guide: Security Metrics',
    promise:
      'The metrics address answers bounded GET and HEAD requests, under names of this machine, and no page of a browser.',
  },
  {
    id: 'SEC-92',
    source: 'design 5',
    promise:
      'Metrics and health hold no secret, no payload and no word of a client; label values come from fixed lists.',
  },
  {
    id: 'SEC-97',
    source: 'guide: Intrusion Detection',
    promise:
      'Each suspicious pattern of the guide raises one alert per incident, which ends by itself; normal traffic raises none.',
  },
  {
    id: 'SEC-98',
    source: 'guide: Intrusion Detection',
    promise:
      'An alert is a line of the log, a metric, part of the status and a notification, without a word of a client.',
  },
  {
    id: 'SEC-99',
    source: 'issue 6: Detection',
    promise:
      'Whoever is turned away at a door of this machine is counted, once a second at most, however often.',
  },
  {
    id: 'SEC-100',
    source: 'issue 5',
    promise:
      'The packed app with --stdio refuses debugging switches as the app does, opens no window, and leaves no process behind when its client goes.',
  },
  {
    id: 'SEC-108',
    source: 'issue 7',
    promise:
      'The settings page is sent no secret that stands in the file: neither in comments or addresses, nor as an argument of a program.',
  },
  {
    id: 'SEC-109',
    source: 'issue 7',
    promise:
      'A setting is written as it was checked and shown, alone, and not over a file that changed meanwhile; no program can be set.',
  },
  {
    id: 'SEC-93',
    source: 'issue 5',
    promise:
      'The HTTP address for clients is of this machine alone, is off unless switched on, and answers no stranger: no other host name, no web page, nobody without a token.',
  },
  {
    id: 'SEC-94',
    source: 'issue 5',
    promise:
      'A token of a client is random, shown once and kept as a hash only, in a file of mode 0600; a file that is unsafe or damaged lets nobody in.',
  },
  {
    id: 'SEC-95',
    source: 'issue 5',
    promise:
      'A session over HTTP belongs to the token that opened it and ends at once when that is revoked; what the client showed us never goes further.',
  },
  {
    id: 'SEC-96',
    source: 'mcp-notes 1.3',
    promise:
      'Bodies, sessions, streams and what is kept of them are bounded; headers that do not say what the body says are refused.',
  },
  {
    id: 'SEC-53',
    source: 'guide: Log Sanitization',
    promise: 'What looks like a token, a key or a password is masked in the log, whoever holds it.',
  },
  {
    id: 'SEC-54',
    source: 'guide: Regulatory Compliance',
    promise:
      'With pii_sanitization e-mail addresses, phone numbers, cards, identity numbers and IP addresses are masked in the log.',
  },
  {
    id: 'SEC-55',
    source: 'guide: Log Sanitization',
    promise:
      'Arguments and results reach the log only while log_frames is on, cut and sanitised, and never with exclude_bodies.',
  },
  {
    id: 'SEC-56',
    source: 'issue 6: Canaries',
    promise:
      'With canary secrets in every credential slot, nothing the product writes or shows holds one, in any encoding, whole or cut.',
  },
  {
    id: 'SEC-57',
    source: 'guide: Hardening Checklist',
    promise:
      'doctor and window go through the hardening checklist with what is there, and what cannot be known is never called good.',
  },
  {
    id: 'SEC-58',
    source: 'guide: Incident Response',
    promise:
      'While it is locked down nothing passes, in no process of this user and after no restart, until a person ends it; a marker that cannot be read counts.',
  },
  {
    id: 'SEC-59',
    source: 'guide: Incident Response',
    promise:
      'A lockdown forgets the tokens in memory, and revokes and deletes what is asked for; what it could not do is said.',
  },
  {
    id: 'SEC-60',
    source: 'guide: Incident Response',
    promise:
      "Each step of the guide's incident section succeeds with our commands; what incident export writes holds no secret, and only its user can read it.",
  },
  {
    id: 'SEC-85',
    source: 'guide: Audit Logging',
    promise:
      'Whatever is changed, removed, repeated or moved in the audit log is found and named; with the key of the keychain, a tail that was cut off as well.',
  },
  {
    id: 'SEC-86',
    source: 'issue 6',
    promise:
      'Whenever a process dies, its audit log is whole to the last record; the next one goes on there and says what may be missing.',
  },
  {
    id: 'SEC-87',
    source: 'guide: Regulatory Compliance',
    promise:
      'An audit log that cannot be written is shown at once; with audit_all, requests are refused until it can be written again.',
  },
  {
    id: 'SEC-88',
    source: 'guide: Audit Logging',
    promise:
      'The audit log says who did what and which credential was used; no body and no secret stands in it, and only its user can read it.',
  },
  {
    id: 'SEC-89',
    source: 'issue 6',
    promise:
      'What audit export writes holds nothing that a spreadsheet takes for a formula, or a terminal for a command.',
  },
  {
    id: 'SEC-105',
    source: 'issue 7',
    promise:
      'A credential that takes the place of one in use is tried first, in the window too; a refused one changes nothing.',
  },
  {
    id: 'SEC-106',
    source: 'issue 7',
    promise:
      'What is entered on the credentials page goes to the main process once, and stands in no answer, event or record.',
  },
  {
    id: 'SEC-107',
    source: 'issue 7',
    promise:
      'Certificate files are chosen in a dialog of the main process and looked at first; the page names no path.',
  },
  {
    id: 'SEC-110',
    source: 'issue 5: Connecting clients',
    promise:
      "The window changes a client's file only as it was previewed last, and never one that changed meanwhile; it names client and action, no path, no text.",
  },
  {
    id: 'SEC-103',
    source: 'issue 7: Audit',
    promise:
      'The window exports the audit log only to the file that the person chose in the dialog of the system, for this user alone; the page never names a path.',
  },
  {
    id: 'SEC-104',
    source: 'issue 7: Audit',
    promise:
      'The window says which record of the audit log was changed, removed or cut off, with its place, and shows no line as a record that is not as it was written.',
  },
  {
    id: 'SEC-113',
    source: "Electron's security checklist",
    promise:
      'The window is made with exactly the rights that it needs, shows our own page alone, and nothing that Electron advises against stands in the sources.',
  },
  {
    id: 'SEC-114',
    source: "Electron's security checklist",
    promise:
      'Every fuse is set on purpose; a copy for tests differs from what is shipped in one byte, the fuse of inspection.',
  },
  {
    id: 'SEC-115',
    source: "Electron's security checklist",
    promise:
      'No path, address or program that the page names is opened, chosen, written or started by the system; only the configuration file is opened.',
  },
  {
    id: 'SEC-116',
    source: "Electron's security checklist",
    promise:
      'The Electron that is shipped is one exact release, 45 or later, whose content the lock file knows.',
  },
  {
    id: 'SEC-117',
    source: "Electron's security checklist",
    promise: 'The packed app runs nothing but what is in its ASAR file, and runs nothing at all without it.',
  },
  {
    id: 'SEC-118',
    source: 'issue 7: First run',
    promise:
      'Looking at an address sends no credential, and nothing but a handshake to a side whose certificate is not trusted.',
  },
  {
    id: 'SEC-119',
    source: 'issue 7: First run',
    promise:
      'What an earlier router stored, or wrote into the file in clear text, goes into the keychain without passing the window.',
  },
  {
    id: 'SEC-111',
    source: 'issue 7: Security',
    promise:
      'The window exports the facts of an incident only to the file that the person chose in the dialog of the system, for this user alone, with secrets masked.',
  },
  {
    id: 'SEC-112',
    source: 'issue 7: Security',
    promise:
      'The access to the configuration file is changed only as the window showed it last, and of that file alone; the page names no path.',
  },
];
