// @ts-check

/** What belongs to the session or the user that starts the tests, and would leak into theirs. */
const foreign =
  /^(XDG_|DBUS_|WAYLAND_|GNOME_|GTK_|SSH_|npm_|MCP_|DISPLAY$|XAUTHORITY$|HOME$|USER$|LOGNAME$|MAIL$|SHELL$|TMPDIR$|NODE_OPTIONS$)/;

/**
 * The environment of a fresh desktop session.
 * @param {Readonly<Record<string, string | undefined>>} outer
 * @param {Readonly<Record<string, string>>} own
 * @returns {Record<string, string>}
 */
export function sessionEnvironment(outer, own) {
  const kept = Object.entries(outer).flatMap(([name, value]) =>
    value === undefined || foreign.test(name) ? [] : [[name, value]],
  );
  return { ...Object.fromEntries(kept), LANG: 'C.UTF-8', ...own };
}
