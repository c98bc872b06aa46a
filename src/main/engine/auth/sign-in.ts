import type { SignedIn, SignInRequest } from './oauth-sign-in';

/** Signs a person in; see `oauth-sign-in`. Loaded when it is needed, because a router hardly ever does it. */
export async function signIn(request: SignInRequest): Promise<SignedIn> {
  return (await import('./oauth-sign-in')).signIn(request);
}

/** Ends a sign-in; see `oauth-sign-in`. */
export async function signOut(
  request: Pick<SignInRequest, 'config' | 'ports'>,
): Promise<'signed-out' | 'revoked' | 'nobody'> {
  return (await import('./oauth-sign-in')).signOut(request);
}
