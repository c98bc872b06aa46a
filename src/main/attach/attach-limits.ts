/** The limits of a program that attaches. It reads no configuration, so they are here and in `--wait`. */
export const attachLimits = {
  /** Messages that wait for a router. */
  maxWaiting: 100,
  /** Lines of the client; a router usually takes less (`local.max_line_bytes`). */
  maxLineBytes: 64 * 1024 * 1024,
  /** First and longest pause between two tries to attach. */
  firstPauseMs: 50,
  longestPauseMs: 1000,
  /** For a router to answer the repeated handshake. */
  handshakeMs: 65_000,
  /** For replies that are still owed when the client has closed its side. */
  farewellMs: 30_000,
} as const;
