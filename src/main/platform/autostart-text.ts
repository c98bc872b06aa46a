/** What is started at login: a program with its arguments. */
export interface StartCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** Characters that the Desktop Entry Specification reserves in `Exec`; an argument with one must be quoted. */
const RESERVED = /[\s"'\\><~|&;$*?#()`]/;

const isPrintable = (text: string): boolean => !/\p{Cc}/u.test(text);

/** One argument of `Exec`: quoted where it must be, `%` doubled, and escaped once more because the value is a string. */
function execArgument(text: string): string {
  const plain = text.replaceAll('%', '%%');
  if (text !== '' && !RESERVED.test(text)) return plain;
  const quoted = `"${plain.replace(/["`$\\]/g, '\\$&')}"`;
  return quoted.replaceAll('\\', '\\\\');
}

/** The value of `Exec` (Desktop Entry Specification, The Exec key); null where a name cannot be written there. */
export function execLine({ program, args }: StartCommand): string | null {
  const parts = [program, ...args];
  return parts.every(isPrintable) ? parts.map(execArgument).join(' ') : null;
}

/** The autostart entry; null where the command cannot be written into one. */
export function autostartText(command: StartCommand): string | null {
  const exec = execLine(command);
  if (exec === null) return null;
  const lines = [
    '[Desktop Entry]',
    'Type=Application',
    'Version=1.5',
    'Name=MCP Router',
    'Comment=Connects MCP clients to a remote MCP gateway',
    `Exec=${exec}`,
    'Terminal=false',
    'StartupNotify=false',
    'X-GNOME-Autostart-enabled=true',
  ];
  return `${lines.join('\n')}\n`;
}

/** What an entry says: what it starts, or that the person or the desktop has switched it off. */
export function autostartSays(text: string): { readonly exec: string; readonly isOn: boolean } {
  const values = new Map<string, string>();
  let isMain = false;
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line.startsWith('[')) isMain = line === '[Desktop Entry]';
    const at = line.indexOf('=');
    if (isMain && at > 0 && !line.startsWith('#'))
      values.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  const isOff = values.get('Hidden') === 'true' || values.get('X-GNOME-Autostart-enabled') === 'false';
  return { exec: values.get('Exec') ?? '', isOn: !isOff && values.has('Exec') };
}
