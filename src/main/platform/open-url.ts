import { spawn } from 'node:child_process';

/** The program that shows a page, with its arguments; never a shell, which would read the address as commands. */
function opener(platform: NodeJS.Platform): readonly [program: string, ...args: string[]] {
  switch (platform) {
    case 'darwin':
      return ['open'];
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler'];
    default:
      return ['xdg-open'];
  }
}

/** Opens an http(s) address in the person's browser; false where none can be started, or the address is another one. */
export function openUrl(address: string, platform: NodeJS.Platform): Promise<boolean> {
  const scheme = URL.canParse(address) ? new URL(address).protocol : '';
  if (scheme !== 'https:' && scheme !== 'http:') return Promise.resolve(false);
  const [program, ...args] = opener(platform);
  return new Promise((resolve) => {
    const child = spawn(program, [...args, new URL(address).href], { stdio: 'ignore', detached: true });
    child.once('error', () => {
      resolve(false);
    });
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
