import { spawn, type ChildProcess } from 'node:child_process';

/** A server that asks for client certificates of `others.pem`, and refuses by an alert; its own is `server.pem` there. */
export async function startOpensslServer(folder: string): Promise<readonly [ChildProcess, number]> {
  const args = ['s_server', '-accept', '127.0.0.1:0', '-cert', 'server.pem', '-Verify', '1'];
  const child = spawn('openssl', [...args, '-verify_return_error', '-CAfile', 'others.pem'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    const port = /^ACCEPT .*:(\d+)$/m.exec(text)?.[1];
    if (port !== undefined) return [child, Number(port)];
  }
  throw new Error(`openssl did not listen: ${text}`);
}
