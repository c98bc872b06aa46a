/** What setting up for the first time says. */
export const firstRunTexts = {
  intro: 'Three steps: where your tools are, how you get in, and who may use them.',
  steps: ['Gateway', 'Sign in', 'Connect a client'],
  almostDone: 'Almost done',
  stepsLabel: 'Steps of setting up',
  back: 'Back',

  address: {
    title: 'Where are your tools?',
    check: 'Check the address',
    checking: (host: string) => `Looking at ${host}...`,
    next: 'Continue',
    nextOpen: 'Use it without a token',
    refused: 'This address cannot be used',
  },
  look: {
    label: 'What the address shows',
    trusted: (protocol: string, cipher: string) => `Encrypted with ${protocol}, ${cipher}`,
    plain: 'Not encrypted: it is on this machine',
    untrusted: 'The certificate is not trusted',
    untrustedText:
      'Nothing was sent. If your organisation has an authority of its own, set gateway.tls.ca_cert_path to its certificate under Settings; otherwise do not go on.',
    presented: 'What was presented, and nobody vouches for',
    unseen: 'No encrypted connection came about',
    unreachable: 'It does not answer',
    wantsCredential: 'It answers, and asks for a credential.',
    wantsCertificate:
      'It answers, and asks for a client certificate. Save the address under Connection, then name the certificate under Settings.',
    open: 'It answers, and lets everybody in.',
  },
  credential: {
    title: 'How do you get in?',
    token: 'Paste a token',
    tokenHint: 'It goes straight into the keychain. It is never shown again and never written to a file.',
    store: 'Store and connect',
    signIn: 'Sign in with the browser',
    signInText: 'The server names who signs people in; the router keeps what you get there in the keychain.',
    signingIn: 'Waiting for the browser...',
    cancel: 'Cancel',
    or: 'or',
    notDone: 'That did not work',
  },
  clients: {
    title: 'Who may use it?',
    text: 'Each entry starts MCP Router and holds no token. You see the exact change before it is made, and can undo it.',
    finish: 'Done',
    later: 'Later',
    connected: (host: string) => `Connected to ${host}.`,
  },

  earlier: {
    title: 'The earlier router left something',
    secrets: (names: string) => `It has stored what the configuration names: ${names}.`,
    inline: 'A token stands in the configuration file in clear text.',
    takeText: 'Take it over: it goes into the keychain of this router; its value is not shown.',
    moveText:
      'Move it into the keychain: it disappears from the file. Replace it soon, because it was on the disk.',
    take: 'Take over',
    move: 'Move it',
    failed: 'It could not be taken over',
  },
} as const;
