import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';

interface Page {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
  readonly url: URL;
}

const MAX_STEPS = 20;

/** A person with a browser: follows redirects, keeps cookies, signs in and agrees, or leaves by the abort link. */
export class ScriptedBrowser {
  private readonly cookies = new Map<string, string>();
  /** Every address that was opened, in order. */
  readonly visited: URL[] = [];

  constructor(private readonly authorityPem: string) {}

  /** Opens an address and does what its pages ask for; resolves with the last page. */
  async signIn(address: string, answer: 'agree' | 'abort' = 'agree'): Promise<Page> {
    let page = await this.open(new URL(address));
    for (let step = 0; step < MAX_STEPS; step += 1) {
      if (page.location !== null) page = await this.open(new URL(page.location, page.url));
      else if (!page.body.includes('name="prompt"')) return page;
      else if (answer === 'abort') page = await this.open(new URL(`${page.url.href}/abort`));
      else page = await this.submit(page);
    }
    throw new Error('the pages do not end');
  }

  private submit(page: Page): Promise<Page> {
    const isLogin = page.body.includes('value="login"');
    const fields = isLogin ? { prompt: 'login', login: 'tester', password: 'any' } : { prompt: 'consent' };
    return this.open(page.url, new URLSearchParams(fields).toString());
  }

  private open(url: URL, form: string | null = null): Promise<Page> {
    this.visited.push(url);
    const options: RequestOptions = {
      method: form === null ? 'GET' : 'POST',
      headers: {
        accept: 'text/html',
        ...(url.protocol === 'https:' ? { cookie: this.cookieHeader() } : {}),
        ...(form === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ca: this.authorityPem,
      agent: false,
    };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = send(url, options, (response) => {
        for (const cookie of response.headers['set-cookie'] ?? []) this.keep(cookie);
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, location: headers.location ?? null, body, url });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(form ?? undefined);
    });
  }

  private keep(cookie: string): void {
    const [pair = ''] = cookie.split(';');
    const [name = '', ...value] = pair.split('=');
    if (value.join('=') === '') this.cookies.delete(name);
    else this.cookies.set(name, value.join('='));
  }

  private cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
