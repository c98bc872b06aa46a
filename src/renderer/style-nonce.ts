/** The nonce of this load, put into the page by main/app-protocol.ts; without it the policy drops our styles. */
export function styleNonce(page: Document): string {
  return page.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.nonce ?? '';
}
